-- The entries as they are exported: rows that were changed or removed afterwards as they are now.
SELECT
    r.entry_id,
    r.account_id,
    COALESCE(CAST(e.effective_date AS DATE), r.effective_date) AS effective_date,
    CAST(COALESCE(e.amount, r.amount) * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 2)) AS amount,
    r.kind,
    MAKE_TIMESTAMP(r.recorded_us) AS recorded_at,
    r.job_id,
    r.attempt
FROM row AS r
LEFT JOIN edit AS e ON e.key = r.key
WHERE e.is_removed IS DISTINCT FROM TRUE
ORDER BY r.entry_id
