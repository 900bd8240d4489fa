-- How many counter-entries of a currency (and account, if any) there are, and how many of them are
-- whole steps.
SELECT
    COUNT(*) AS counters,
    COUNT(*) FILTER (
        WHERE CAST(amount * CAST($minor_per_major AS BIGINT) AS BIGINT) % CAST($step AS BIGINT) = 0
    ) AS in_steps
FROM entry
WHERE
    kind = 'counter'
    AND amount <> 0
    AND currency = $currency
    AND ($account_id = '' OR CAST(account_id AS VARCHAR) = $account_id)
