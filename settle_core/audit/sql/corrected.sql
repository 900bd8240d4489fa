-- Corrections that were posted already, by account, currency and day.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    effective_date,
    corrected
FROM corrected_day
