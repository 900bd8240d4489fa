-- The units to search: whose they are, and by how much each was off at its settlement.
SELECT
    CAST(MIN(account_id) AS VARCHAR) AS account_id,
    CAST(MIN(start_residual) * CAST($minor_per_major AS BIGINT) AS BIGINT) AS start_minor
FROM suspect_row
GROUP BY unit_number
ORDER BY unit_number
