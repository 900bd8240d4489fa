-- The pairs of stray_pair that stand: no counter-entry and no late entry is in two of them.
-- is_same_week: both halves are, so that their week holds. back_date: where the counter-entry can
-- be taken back. That is its own day, but for one that its week was settled with: that week holds,
-- so it is the first day that is not settled.
WITH stands AS (
    SELECT * EXCLUDE (pair_number)
    FROM stray_pair
    WHERE pair_number IN (SELECT UNNEST($chosen))
),

last_settled AS (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        MAX(week_start) AS week_start
    FROM settlement
    WHERE CAST(account_id AS VARCHAR) IN (SELECT a.account_id FROM stands AS a WHERE a.is_in_time)
    GROUP BY account_id, currency
),

settled_with AS (
    SELECT DISTINCT
        s.entry_id,
        l.week_start + 7 AS open_date
    FROM stands AS s
    INNER JOIN settlement AS t
        ON
            CAST(t.account_id AS VARCHAR) = s.account_id
            AND t.currency = s.currency
            AND t.week_start = s.week_start
            AND t.settled_at >= s.recorded_at
    INNER JOIN last_settled AS l ON l.account_id = s.account_id AND l.currency = s.currency
    WHERE s.is_in_time
)

SELECT
    s.*,
    s.account_id = s.answers_account_id AND s.week_start = s.answers_week AS is_same_week,
    CASE
        WHEN t.entry_id IS NULL THEN s.effective_date
        ELSE GREATEST(t.open_date, CAST($as_of AS DATE))
    END AS back_date,
    t.entry_id IS NOT NULL AS is_settled_with
FROM stands AS s
LEFT JOIN settled_with AS t ON t.entry_id = s.entry_id
