-- As in steps/unsettled_account.sql, counted by the pass.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    CAST(row_count AS BIGINT) AS row_count
FROM passed_account
