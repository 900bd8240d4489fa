-- Each settled week: what was settled, what stood at that instant, what stands now. residual =
-- current_sum - settled_amount; settled_sum is the sum of what was recorded by settled_at.
WITH late AS (
    SELECT
        account_id,
        currency,
        week_start,
        CAST(SUM(amount) AS money) AS late_sum,
        CAST(COUNT(*) FILTER (WHERE kind = 'entry') AS BIGINT) AS late_entries,
        CAST(COUNT(*) FILTER (WHERE kind = 'counter') AS BIGINT) AS counters
    FROM late_row
    GROUP BY account_id, currency, week_start
)

SELECT
    s.account_id,
    s.currency,
    s.week_start,
    s.settled_at,
    s.settled_amount,
    CAST(COALESCE(w.current_sum, 0) - COALESCE(l.late_sum, 0) AS money) AS settled_sum,
    CAST(COALESCE(w.current_sum, 0) AS money) AS current_sum,
    CAST(COALESCE(w.current_sum, 0) - s.settled_amount AS money) AS residual,
    COALESCE(w.row_count, 0) AS row_count,
    COALESCE(l.late_entries, 0) AS late_entries,
    COALESCE(l.counters, 0) AS counters
FROM scope AS s
LEFT JOIN week_sum AS w
    ON
        w.account_id = s.account_id
        AND w.currency = s.currency
        AND w.week_start = s.week_start
LEFT JOIN late AS l
    ON
        l.account_id = s.account_id
        AND l.currency = s.currency
        AND l.week_start = s.week_start
