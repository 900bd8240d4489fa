-- What unambiguous weeks of an account show of how it is balanced. A week that may just have a
-- misplaced counter (see suspect_week.sql) shows nothing. even_weeks: its days hold, which a week
-- that is balanced as a whole may do too.
WITH suspect AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start
    FROM suspect_week
)

SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    CAST(SUM(w.sum_days) AS BIGINT) AS sum_votes,
    CAST(SUM(w.delta_days) AS BIGINT) AS delta_votes,
    CAST(SUM(w.delta_hints) AS BIGINT) AS delta_hints,
    CAST(
        COUNT(*) FILTER (WHERE w.days_even AND w.days_hold AND NOT w.week_sum_holds) AS BIGINT
    ) AS day_votes,
    CAST(
        COUNT(*) FILTER (
            WHERE
            w.week_even
            AND w.week_sum_holds
            AND NOT (w.days_even AND w.days_hold)
            AND s.week_start IS NULL
        ) AS BIGINT
    ) AS week_votes,
    CAST(COUNT(*) FILTER (WHERE w.counters > 0 AND w.days_even AND w.days_hold) AS BIGINT)
        AS even_weeks
FROM late_week AS w
LEFT JOIN suspect AS s
    ON
        s.account_id = w.account_id
        AND s.currency = w.currency
        AND s.week_start = w.week_start
GROUP BY w.account_id
ORDER BY w.account_id
