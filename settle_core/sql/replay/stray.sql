-- Counter-entries that answer nothing where they stand, but have the amount that a late entry
-- elsewhere, or later, was owed: each with the one late entry that it fits best.
-- early: on the same day, recorded before its entry. misplaced: on another day, week or account.
-- On another account only a shared job, or nearness in time, tells it from chance.
WITH fitting AS (
    SELECT
        o.entry_id,
        o.account_id,
        o.currency,
        o.effective_date,
        m.entry_id AS answers_id,
        m.account_id AS answers_account_id,
        m.effective_date AS answers_date,
        CASE
            WHEN
                m.account_id = o.account_id
                AND m.effective_date = o.effective_date
                AND DATE_DIFF('microsecond', o.recorded_at, m.recorded_at) >= $skew_us
                THEN 'early'
            WHEN
                (m.account_id <> o.account_id OR m.effective_date <> o.effective_date)
                AND DATE_DIFF('microsecond', m.recorded_at, o.recorded_at) > -$skew_us
                THEN 'misplaced'
        END AS stray_kind,
        CASE WHEN m.account_id = o.account_id THEN 0 ELSE 1 END AS other_account,
        CASE WHEN m.week_start = o.week_start THEN 0 ELSE 1 END AS other_week,
        ABS(DATE_DIFF('microsecond', m.recorded_at, o.recorded_at)) AS distance_us
    FROM replay AS o
    INNER JOIN replay AS m
        ON
            m.currency = o.currency
            AND m.amount = -o.amount
            AND m.role = 'uncountered'
            AND o.role = 'orphan'
    WHERE
        m.account_id = o.account_id
        OR m.job_id = o.job_id
        OR (
            (m.job_id IS NULL OR o.job_id IS NULL)
            AND ABS(DATE_DIFF('microsecond', m.recorded_at, o.recorded_at)) <= $grace_us
        )
),

ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY entry_id ORDER BY other_account, other_week, distance_us, answers_id
        ) AS counter_rank,
        ROW_NUMBER() OVER (
            PARTITION BY answers_id ORDER BY other_account, other_week, distance_us, entry_id
        ) AS answer_rank
    FROM fitting
    WHERE stray_kind IS NOT NULL
)

SELECT
    entry_id,
    answers_id,
    answers_account_id,
    answers_date,
    stray_kind
FROM ranked
WHERE counter_rank = 1 AND answer_rank = 1
