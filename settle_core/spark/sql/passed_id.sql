-- The ids of late rows, of which pass_job.sql asks the jobs.
SELECT entry_id FROM late_row
