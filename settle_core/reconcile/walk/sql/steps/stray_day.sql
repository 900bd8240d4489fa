-- Whether of the weeks that are even only as a whole few days could do without one of their
-- counters, next to the days that hold with a counter of their own. Then days are what is balanced,
-- and such a counter is misplaced. Where weeks are balanced, most days are off; and so they are but
-- for one day of the week, where that is the day that counters are dated on.
WITH shape AS (
    SELECT
        COALESCE(SUM(stray_days) FILTER (WHERE week_even AND NOT days_plain), 0) AS strays,
        COALESCE(SUM(off_days) FILTER (WHERE week_even AND NOT days_plain), 0) AS off,
        COALESCE(SUM(held_days), 0)
        + (SELECT COUNT(*) FROM plain_week AS p WHERE p.has_counter) AS held
    FROM late_week
),

weekday AS (
    SELECT
        DATE_DIFF('day', DATE '1970-01-01', effective_date) % 7 AS weekday,
        COUNT(*) AS counters
    FROM late_row
    WHERE kind = 'counter'
    GROUP BY ALL
),

usual AS (
    SELECT weekday
    FROM weekday
    ORDER BY counters DESC, weekday
    LIMIT 1
),

other AS (
    SELECT
        COALESCE((
            SELECT SUM(w.counters)
            FROM weekday AS w
            WHERE w.weekday NOT IN (SELECT u.weekday FROM usual AS u)
        ), 0) AS counters,
        COUNT(*) AS off
    FROM late_day AS d
    INNER JOIN late_week AS w
        ON
            w.account_id = d.account_id
            AND w.currency = d.currency
            AND w.week_start = d.week_start
    WHERE
        w.week_even
        AND NOT w.days_plain
        AND d.residual <> 0
        AND DATE_DIFF('day', DATE '1970-01-01', d.effective_date) % 7
        NOT IN (SELECT u.weekday FROM usual AS u)
)

SELECT s.strays <= s.held AND s.off <= 3 * s.held AND o.counters >= o.off AS are_few
FROM shape AS s
CROSS JOIN other AS o
