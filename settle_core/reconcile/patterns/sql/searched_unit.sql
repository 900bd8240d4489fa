-- The units to search: whose they are, by how much each was off at its settlement, whether the
-- order of its rows is that of their commits, and their currency.
SELECT
    CAST(MIN(account_id) AS VARCHAR) AS account_id,
    CAST(MIN(start_residual) * CAST($minor_per_major AS BIGINT) AS BIGINT) AS start_minor,
    BOOL_AND(committed_at IS NOT NULL) AS is_committed,
    MIN(currency) AS currency
FROM suspect_row
GROUP BY unit_number
ORDER BY unit_number
