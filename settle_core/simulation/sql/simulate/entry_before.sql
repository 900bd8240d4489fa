-- The entries as an earlier export had them: up to $as_of_us, before any was changed or removed.
SELECT
    entry_id,
    account_id,
    effective_date,
    CAST(amount * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 2)) AS amount,
    kind,
    MAKE_TIMESTAMP(recorded_us) AS recorded_at,
    job_id,
    attempt
FROM row
WHERE recorded_us <= $as_of_us
ORDER BY entry_id
