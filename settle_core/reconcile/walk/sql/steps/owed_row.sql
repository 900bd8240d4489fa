-- The late rows of days that are owed something at their end and are right up to there: judged
-- without a search, since no other explanation of them has as few faults.
SELECT
    w.account_id,
    w.currency,
    w.week_start,
    w.effective_date,
    w.entry_id,
    w.kind,
    CASE
        WHEN w.kind = 'counter' THEN 'right'
        WHEN w.counters_left = 0 AND w.amount <> 0 THEN 'uncountered'
        ELSE 'late'
    END AS role,
    w.amount,
    w.recorded_at,
    w.job_id,
    w.place
FROM walk AS w
INNER JOIN late_day AS d
    ON
        d.account_id = w.account_id
        AND d.currency = w.currency
        AND d.week_start = w.week_start
        AND d.effective_date = w.effective_date
        AND d.is_owed
INNER JOIN late_week AS k
    ON
        k.account_id = w.account_id
        AND k.currency = w.currency
        AND k.week_start = w.week_start
        AND k.days_plain
        AND $level <> 'week'
        AND NOT (k.week_even AND k.week_sum_holds AND $policy <> 'delta' AND $level <> 'day')
