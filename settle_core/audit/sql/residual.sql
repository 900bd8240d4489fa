-- The settled weeks that are off, in minor units.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    CAST(residual * CAST($minor_per_major AS BIGINT) AS BIGINT) AS residual_minor
FROM settled_week
WHERE residual <> 0
