-- The settled weeks of the sample with what the ledger says was recorded by then. Rows nearer to
-- the settlement than the clocks can tell may be on either side of it. is_telling: a week of
-- nothing agrees however it is read.
WITH summed AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_at,
        s.settled_amount,
        COALESCE(SUM(e.amount) FILTER (WHERE e.recorded_at <= s.settled_at), 0) AS read_amount,
        COALESCE(
            SUM(e.amount) FILTER (
                WHERE DATE_DIFF('microsecond', e.recorded_at, s.settled_at) >= $skew_us
            ), 0
        ) AS read_before,
        COALESCE(
            SUM(e.amount) FILTER (
                WHERE DATE_DIFF('microsecond', s.settled_at, e.recorded_at) <= $skew_us
            ), 0
        ) AS read_after
    FROM sampled_week AS s
    LEFT JOIN entry AS e
        ON
            e.account_id = s.account_id
            AND e.currency = s.currency
            AND e.effective_date >= s.week_start
            AND e.effective_date < s.week_start + 7
    GROUP BY ALL
)

SELECT
    account_id,
    currency,
    week_start,
    settled_at,
    settled_amount,
    read_amount,
    settled_amount IN (read_amount, read_before, read_after) AS is_agreeing,
    settled_amount <> 0 OR read_amount <> 0 AS is_telling
FROM summed
