-- Weeks that need more than a clean walk: some day was balanced in no way that the profile
-- allows, and the week as a whole does not hold either where weeks are what is balanced. A week
-- that is even only as a whole, with a counter that one of its days could do without, may be one
-- that is balanced by the day and has a misplaced counter: it is replayed, unless most weeks look
-- like that.
WITH shape AS (
    SELECT
        CAST(
            COUNT(*) FILTER (WHERE counters > 0)
            + (SELECT COUNT(*) FROM plain_week AS p WHERE p.has_counter) AS BIGINT
        ) AS weeks,
        CAST(COUNT(*) FILTER (WHERE has_stray AND week_even AND NOT days_plain) AS BIGINT)
            AS strays
    FROM late_week
)

SELECT
    w.account_id,
    w.currency,
    w.week_start
FROM late_week AS w
CROSS JOIN shape AS s
WHERE
    NOT (
        (w.days_plain AND $level <> 'week')
        OR (
            w.week_even
            AND w.week_sum_holds
            AND $policy <> 'delta'
            AND $level <> 'day'
            AND NOT (w.has_stray AND $level = 'auto' AND 2 * s.strays <= s.weeks)
        )
    )
