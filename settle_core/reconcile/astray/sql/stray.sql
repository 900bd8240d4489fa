-- The pairs of stray_pair and the fits of stray_fit that stand: no counter-entry and no late entry
-- is in two of them. A row for each counter-entry and each late entry of them; share: how much of
-- the one is for the other.
-- is_same_week: both halves are, so that their week holds. back_date: where the counter-entry can
-- be taken back. That is its own day, but for one that its week was settled with: that week holds,
-- so it is the first day that is not settled.
WITH fit AS (
    SELECT
        pair_number,
        UNNEST(entry_ids) AS entry_id,
        answers_ids,
        LEN(entry_ids) AS parts
    FROM stray_fit
    WHERE pair_number IN (SELECT UNNEST($chosen))
),

fit_of_one AS (
    SELECT
        pair_number,
        entry_id,
        UNNEST(answers_ids) AS answers_id,
        parts
    FROM fit
),

stands AS (
    SELECT
        *,
        amount AS share,
        1 AS parts
    FROM stray_pair
    WHERE pair_number IN (SELECT UNNEST($chosen))
    UNION ALL BY NAME
    SELECT
        f.pair_number,
        c.entry_id,
        c.account_id,
        c.currency,
        c.week_start,
        c.effective_date,
        c.amount,
        c.recorded_at,
        c.job_id,
        c.is_in_time,
        f.answers_id,
        m.account_id AS answers_account_id,
        m.effective_date AS answers_date,
        m.week_start AS answers_week,
        'misplaced' AS stray_kind,
        CAST(CASE WHEN f.parts > 1 THEN c.amount ELSE -m.amount END AS money) AS share,
        f.parts
    FROM fit_of_one AS f
    INNER JOIN stray_counter AS c ON c.entry_id = f.entry_id
    INNER JOIN judged_row AS m ON m.entry_id = f.answers_id
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
