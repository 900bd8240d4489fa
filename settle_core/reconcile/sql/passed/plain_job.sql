-- Whether a late entry of a finished week was entered by a job; see walk.sql.
SELECT CAST($has_job AS BOOLEAN) AS has_job
