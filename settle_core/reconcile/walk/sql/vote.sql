-- What unambiguous weeks of an account show of how it is balanced. A week that may just have a
-- misplaced counter (see suspect_week.sql) shows nothing, nor does one without any, whose late
-- entries cancel out: nobody balanced it. even_weeks: its days hold, which a week that is balanced
-- as a whole may do too. whole_weeks: even only as a whole, and no day could do without one of its
-- counters. is_replayed: a week of its own needs replay, which may ask for its votes; of the other
-- accounts only their sums count.
WITH suspect AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start
    FROM suspect_week
),

shown AS (
    SELECT
        w.account_id,
        w.sum_days,
        w.delta_days,
        w.delta_hints,
        w.counters > 0 AND w.days_even AND w.days_hold AND NOT w.week_sum_holds AS is_day,
        w.week_even
        AND w.week_sum_holds
        AND NOT (w.days_even AND w.days_hold)
        AND s.week_start IS NULL AS is_week,
        w.counters > 0 AND w.days_even AND w.days_hold AS is_even,
        w.week_even
        AND w.week_sum_holds
        AND NOT (w.days_even AND w.days_hold)
        AND w.stray_days = 0 AS is_whole
    FROM late_week AS w
    LEFT JOIN suspect AS s
        ON
            s.account_id = w.account_id
            AND s.currency = w.currency
            AND s.week_start = w.week_start
    UNION ALL
    SELECT
        account_id,
        sum_days,
        0 AS delta_days,
        0 AS delta_hints,
        has_counter AND NOT is_even_throughout AS is_day,
        FALSE AS is_week,
        has_counter AS is_even,
        FALSE AS is_whole
    FROM plain_week
)

SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    account_id IN (SELECT u.account_id FROM suspect AS u) AS is_replayed,
    CAST(SUM(sum_days) AS BIGINT) AS sum_votes,
    CAST(SUM(delta_days) AS BIGINT) AS delta_votes,
    CAST(SUM(delta_hints) AS BIGINT) AS delta_hints,
    CAST(COUNT(*) FILTER (WHERE is_day) AS BIGINT) AS day_votes,
    CAST(COUNT(*) FILTER (WHERE is_week) AS BIGINT) AS week_votes,
    CAST(COUNT(*) FILTER (WHERE is_even) AS BIGINT) AS even_weeks,
    CAST(COUNT(*) FILTER (WHERE is_whole) AS BIGINT) AS whole_weeks
FROM shown
GROUP BY account_id
