-- The settled weeks under audit.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start
FROM settled_week
