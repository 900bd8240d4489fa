-- Which logged line wrote which row of the ledger, and between which instants others could see it.
CREATE OR REPLACE TABLE log_row AS
SELECT
    CAST(entry_id AS VARCHAR) AS entry_id,
    CAST(file AS VARCHAR) AS file,
    CAST(line AS BIGINT) AS line,
    CAST(job_id AS VARCHAR) AS job_id,
    CASE WHEN ABS(visible_from_us) < 1000000000000000000 THEN MAKE_TIMESTAMP(visible_from_us) END
        AS visible_after,
    CASE WHEN ABS(visible_to_us) < 1000000000000000000 THEN MAKE_TIMESTAMP(visible_to_us) END
        AS visible_before
FROM told
