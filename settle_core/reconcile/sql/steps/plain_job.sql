-- Whether a late entry of plain_week was entered by a job.
SELECT FALSE AS has_job
