-- Of the sampled weeks that were settled at some amount, how many have an entry that takes just
-- that amount away and was recorded within a day of the settlement: the payout of the week.
SELECT
    CAST(COUNT(*) AS BIGINT) AS weeks,
    CAST(COUNT(*) FILTER (
        WHERE EXISTS (
            SELECT 1 FROM entry AS e
            WHERE
                e.account_id = w.account_id
                AND e.currency = w.currency
                AND e.amount = -w.settled_amount
                AND e.kind = 'entry'
                AND ABS(DATE_DIFF('hour', e.recorded_at, w.settled_at)) <= 24
        )
    ) AS BIGINT) AS paid
FROM sampled_week AS w
WHERE w.settled_amount <> 0
