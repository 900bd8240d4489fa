-- Does the job column tell jobs apart? One value everywhere, or values of which most come back for
-- longer than a job lasts, are classes, hosts or queues.
WITH job AS (
    SELECT
        job_id,
        COUNT(*) AS row_count,
        DATE_DIFF('second', MIN(recorded_at), MAX(recorded_at)) > $job_seconds_max AS is_long
    FROM late_row
    WHERE job_id IS NOT NULL AND NOT LIST_CONTAINS($no_value, LOWER(TRIM(job_id)))
    GROUP BY job_id
)

SELECT
    $job_id_means <> 'unknown'
    AND 2 * COUNT(*) FILTER (WHERE is_long) <= COUNT(*) FILTER (WHERE row_count > 1)
        AS is_job
FROM job
