-- Which accounts were settled, by runs of them without a gap: few rows for a great many weeks.
SELECT
    week,
    CAST(MIN(account_id) AS BIGINT) AS first_account,
    CAST(MAX(account_id) AS BIGINT) AS last_account
FROM (
    SELECT
        week,
        account_id,
        account_id - CAST(
            ROW_NUMBER() OVER (PARTITION BY week ORDER BY account_id NULLS FIRST) AS BIGINT
        ) AS run
    FROM whole_settlement
) AS placed
GROUP BY week, run
