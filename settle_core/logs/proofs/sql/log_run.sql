-- Runs of jobs by the workers' own log. ended: done, fail, or open where no end is logged.
CREATE OR REPLACE TABLE log_run AS
SELECT
    CAST(job_id AS VARCHAR) AS job_id,
    CAST(run AS BIGINT) AS run,
    CAST(worker AS VARCHAR) AS worker,
    MAKE_TIMESTAMP(CAST(from_us AS BIGINT)) AS began_at,
    MAKE_TIMESTAMP(CAST(to_us AS BIGINT)) AS ended_at,
    CAST(ended AS VARCHAR) AS ended
FROM told
