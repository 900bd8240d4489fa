-- Weeks that need more than a clean walk: some day was balanced in no way that the profile
-- allows, and the week as a whole does not hold either where weeks are what is balanced. A week
-- that is even only as a whole may be one that is balanced by the day and has misplaced counters:
-- it is replayed, unless most days look like that.
SELECT
    w.account_id,
    w.currency,
    w.week_start
FROM late_week AS w
CROSS JOIN stray_day AS s
WHERE
    NOT (
        (w.days_plain AND $level <> 'week')
        OR (
            w.week_even
            AND w.week_sum_holds
            AND $policy <> 'delta'
            AND $level <> 'day'
            AND NOT (NOT w.days_even AND $level = 'auto' AND s.are_few)
        )
    )
