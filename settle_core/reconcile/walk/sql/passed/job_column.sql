-- As in steps/job_column.sql, told by the names of all late rows.
SELECT CAST($is_job AS BOOLEAN) AS is_job
