-- Whether a late entry of a finished week was entered by a job; see walk.sql.
SELECT
    COUNT(*) FILTER (
        WHERE j.is_job AND NOT LIST_CONTAINS($no_value, LOWER(TRIM(p.job_id)))
    ) > 0 AS has_job
FROM passed_job AS p
CROSS JOIN job_column AS j
