-- Whether of the weeks that are even only as a whole few days could do without one of their
-- counters, next to the days that hold with a counter of their own. Then days are what is balanced,
-- and such a counter is misplaced. Where weeks are balanced, most days are off.
WITH shape AS (
    SELECT
        COALESCE(SUM(stray_days) FILTER (WHERE week_even AND NOT days_plain), 0) AS strays,
        COALESCE(SUM(off_days) FILTER (WHERE week_even AND NOT days_plain), 0) AS off,
        COALESCE(SUM(held_days), 0)
        + (SELECT COUNT(*) FROM plain_week AS p WHERE p.has_counter) AS held
    FROM late_week
)

SELECT strays <= held AND off <= 3 * held AS are_few
FROM shape
