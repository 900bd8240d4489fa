-- Whether each name of a job stands for no value; see steps/walk.sql.
SELECT LIST_CONTAINS($no_value, LOWER(TRIM(job_id))) AS is_none
FROM passed_name
