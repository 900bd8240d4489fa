-- Settled weeks in which nothing happened late and nothing is wrong: what is found in them after a
-- fault was planted there, was planted. Settled so early that the fault is past its grace.
SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    EPOCH_US(w.settled_at) AS settled_us
FROM settled_week AS w
WHERE
    w.late_entries = 0
    AND w.counters = 0
    AND w.residual = 0
    AND w.settled_sum = w.settled_amount
    AND EPOCH_US(w.settled_at) <= $settled_by_us
ORDER BY
    HASH(CAST(w.account_id AS VARCHAR), w.currency, w.week_start, $seed),
    w.account_id,
    w.currency,
    w.week_start
LIMIT $weeks_max
