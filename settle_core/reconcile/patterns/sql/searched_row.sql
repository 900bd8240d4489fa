-- The rows to search, in minor units and microseconds. Where the database says of every row of a
-- unit when it was committed, that is their order, whatever clocks and ids say. What comes back for
-- longer than a run lasts is a host or a worker, and names no run.
WITH long_run AS (
    SELECT run_id
    FROM suspect_row
    WHERE run_id IS NOT NULL
    GROUP BY run_id
    HAVING DATE_DIFF('second', MIN(recorded_at), MAX(recorded_at)) > 3600
),

ordered AS (
    SELECT
        *,
        BOOL_AND(committed_at IS NOT NULL) OVER (PARTITION BY unit_number) AS is_committed
    FROM suspect_row
)

SELECT
    o.unit_number,
    o.effective_date,
    DATE_DIFF('day', o.week_start, o.effective_date) AS weekday,
    CAST(o.entry_id AS VARCHAR) AS entry_id,
    o.kind = 'counter' AS is_counter,
    CAST(o.amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(CASE WHEN o.is_committed THEN o.committed_at ELSE o.recorded_at END) AS recorded_us,
    CASE
        WHEN o.is_committed THEN EPOCH_US(o.committed_at)
        WHEN $ids_are_sequence THEN TRY_CAST(o.entry_id AS BIGINT)
        ELSE EPOCH_US(o.recorded_at)
    END AS id_rank,
    o.job_id,
    o.attempt,
    o.answers,
    o.row_number,
    CASE WHEN l.run_id IS NULL THEN o.run_id END AS run_id,
    CAST(o.observed * CAST($minor_per_major AS BIGINT) AS BIGINT) AS observed_minor,
    o.last_seen
FROM ordered AS o
LEFT JOIN long_run AS l ON l.run_id = o.run_id
ORDER BY o.row_number
