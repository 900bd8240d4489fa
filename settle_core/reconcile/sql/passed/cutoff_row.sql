-- As in steps/cutoff_row.sql, where every week was settled at its sum.
SELECT
    account_id,
    currency,
    week_start,
    CAST(0 AS BIGINT) AS entry_id,
    '' AS kind,
    settled_amount AS added,
    settled_amount AS wanted,
    CAST(0 AS BIGINT) AS distance_us
FROM scope
WHERE FALSE
