-- Each settled week with late rows: does the sum of the week hold where that of its days does not?
-- delta_hints: days that show the policy delta, unless their rows were written in another order.
-- days_plain: each of its days is even, or at most owed something at its end; but not where days
-- without any counter-entry cancel out in the week: whether that is enough, is for the search.
-- Nor is a day plain whose counters all have the amounts of late entries, but of other jobs than
-- their own: whether one was answered twice and another not at all, is for the search too.
-- Corrections count nowhere here: how a week is balanced does not change by putting it right.
WITH by_week AS (
    SELECT
        account_id,
        currency,
        week_start,
        BOOL_AND(kind = 'entry' OR week_residual = 0) AND BOOL_OR(kind = 'counter')
            AS week_sum_holds,
        MAX(recorded_at) AS last_recorded_at
    FROM walk
    GROUP BY account_id, currency, week_start
),

by_day AS (
    SELECT
        account_id,
        currency,
        week_start,
        CAST(COUNT(*) AS BIGINT) AS days,
        CAST(SUM(counters) AS BIGINT) AS counters,
        SUM(residual) = 0 AS sum_even,
        BOOL_AND(residual = 0) AS days_even,
        CAST(COUNT(*) FILTER (WHERE has_stray) AS BIGINT) AS stray_days,
        CAST(COUNT(*) FILTER (WHERE residual <> 0) AS BIGINT) AS off_days,
        CAST(COUNT(*) FILTER (WHERE residual = 0 AND counters > 0) AS BIGINT) AS held_days,
        BOOL_AND(sum_holds) AS day_sum_holds,
        BOOL_AND(delta_holds) AS day_delta_holds,
        BOOL_AND(sum_holds OR delta_holds) AS days_hold,
        BOOL_AND(
            (residual = 0 AND sum_holds AND $policy <> 'delta' AND (delta_holds OR NOT pairs_hold))
            OR (residual = 0 AND delta_holds AND $policy <> 'sum')
            OR (is_owed AND (counters = 0 OR delta_holds OR $policy <> 'delta'))
        ) AS days_plain,
        CAST(COUNT(*) FILTER (WHERE sum_holds AND NOT pairs_hold) AS BIGINT) AS sum_days,
        CAST(COUNT(*) FILTER (WHERE delta_holds AND NOT sum_holds AND is_clear) AS BIGINT)
            AS delta_days,
        CAST(COUNT(*) FILTER (WHERE delta_holds AND NOT sum_holds AND NOT is_clear) AS BIGINT)
            AS delta_hints
    FROM late_day
    GROUP BY account_id, currency, week_start
)

SELECT
    d.account_id,
    d.currency,
    d.week_start,
    d.days,
    d.counters,
    d.days_even,
    d.day_sum_holds,
    d.day_delta_holds,
    d.days_hold,
    d.days_plain AND (d.days_even OR d.counters > 0 OR NOT d.sum_even) AS days_plain,
    d.stray_days,
    d.off_days,
    d.held_days,
    d.sum_days,
    d.delta_days,
    d.delta_hints,
    w.week_sum_holds,
    d.sum_even AND s.settled_sum = s.settled_amount AS week_even,
    w.last_recorded_at
FROM by_day AS d
INNER JOIN by_week AS w
    ON
        w.account_id = d.account_id
        AND w.currency = d.currency
        AND w.week_start = d.week_start
INNER JOIN settled_week AS s
    ON
        s.account_id = d.account_id
        AND s.currency = d.currency
        AND s.week_start = d.week_start
