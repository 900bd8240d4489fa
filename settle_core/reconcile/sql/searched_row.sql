-- The rows to search, in minor units and microseconds.
SELECT
    unit_number,
    effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    kind = 'counter' AS is_counter,
    CAST(amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(recorded_at) AS recorded_us,
    CASE WHEN $ids_are_sequence THEN TRY_CAST(entry_id AS BIGINT) ELSE EPOCH_US(recorded_at) END
        AS id_rank,
    job_id,
    attempt,
    answers,
    row_number,
    run_id,
    CAST(observed * CAST($minor_per_major AS BIGINT) AS BIGINT) AS observed_minor,
    last_seen
FROM suspect_row
ORDER BY row_number
