-- What unambiguous weeks of an account show of how it is balanced.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    CAST(SUM(sum_days) AS BIGINT) AS sum_votes,
    CAST(SUM(delta_days) AS BIGINT) AS delta_votes,
    CAST(COUNT(*) FILTER (WHERE days_even AND days_hold AND NOT week_sum_holds) AS BIGINT)
        AS day_votes,
    CAST(
        COUNT(*) FILTER (WHERE week_even AND week_sum_holds AND NOT (days_even AND days_hold))
        AS BIGINT
    ) AS week_votes
FROM late_week
GROUP BY account_id
HAVING SUM(sum_days) + SUM(delta_days) > 0 OR BOOL_OR(week_sum_holds <> (days_even AND days_hold))
ORDER BY account_id
