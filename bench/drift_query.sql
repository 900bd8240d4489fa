-- The one line that anybody would write: settled weeks whose entries have another sum.
SELECT COUNT(*)
FROM (
    SELECT
        account_id,
        CAST(DATE_TRUNC('week', effective_date) AS DATE) AS week_start,
        SUM(amount) AS amount
    FROM entries
    GROUP BY ALL
) AS t
INNER JOIN settlements AS s USING (account_id, week_start)
WHERE t.amount <> s.settled_amount
