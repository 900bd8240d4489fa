-- As steps/suspect_week.sql.
SELECT
    account_id,
    currency,
    week_start
FROM passed_of_week
WHERE is_suspect
