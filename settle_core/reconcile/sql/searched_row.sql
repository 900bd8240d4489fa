-- The rows to search, in minor units and microseconds. Where the database says of every row of a
-- unit when it was committed, that is their order, whatever clocks and ids say.
WITH ordered AS (
    SELECT
        *,
        BOOL_AND(committed_at IS NOT NULL) OVER (PARTITION BY unit_number) AS is_committed
    FROM suspect_row
)

SELECT
    unit_number,
    effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    kind = 'counter' AS is_counter,
    CAST(amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(CASE WHEN is_committed THEN committed_at ELSE recorded_at END) AS recorded_us,
    CASE
        WHEN is_committed THEN EPOCH_US(committed_at)
        WHEN $ids_are_sequence THEN TRY_CAST(entry_id AS BIGINT)
        ELSE EPOCH_US(recorded_at)
    END AS id_rank,
    job_id,
    attempt,
    answers,
    row_number,
    run_id,
    CAST(observed * CAST($minor_per_major AS BIGINT) AS BIGINT) AS observed_minor,
    last_seen
FROM ordered
ORDER BY row_number
