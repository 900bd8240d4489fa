-- Does the job column tell jobs apart? One value in all rows of the export, or values of which most
-- come back for longer than a job lasts, are classes, hosts or queues. All rows are asked only
-- where the late ones have but one value.
WITH job AS (
    SELECT
        job_id,
        COUNT(*) AS row_count,
        DATE_DIFF('second', MIN(recorded_at), MAX(recorded_at)) > $job_seconds_max AS is_long
    FROM late_row
    WHERE job_id IS NOT NULL AND NOT LIST_CONTAINS($no_value, LOWER(TRIM(job_id)))
    GROUP BY job_id
),

lone AS (
    SELECT MIN(job_id) AS job_id
    FROM job
    HAVING COUNT(*) = 1
),

other AS (
    SELECT e.entry_id
    FROM entry AS e
    INNER JOIN lone AS l ON e.job_id IS DISTINCT FROM l.job_id
    LIMIT 1
)

SELECT
    $job_id_means <> 'unknown'
    AND (NOT EXISTS (SELECT 1 FROM lone) OR EXISTS (SELECT 1 FROM other))
    AND 2 * COUNT(*) FILTER (WHERE is_long) <= COUNT(*) FILTER (WHERE row_count > 1)
        AS is_job
FROM job
