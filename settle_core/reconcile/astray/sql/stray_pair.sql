-- Counter-entries that answer nothing where they stand, but have the amount that a late entry
-- elsewhere, or later, was owed: each with every late entry that it fits, the best pair first.
-- early: in the same day (or week, where that is what is balanced), recorded before its entry.
-- misplaced: in another day, week or account. On another account only a shared job, or nearness in
-- time, tells it from chance. One that was in time for its own week, which is open or was settled
-- with it, must name its entry, share its job or, where no job is told, be near: where the amount
-- alone tells it, what it fits besides counts as well, see stray_fit. One of the entry's own week
-- is part of what that week was settled at, and answers nothing that came later.
WITH candidate AS (
    SELECT
        o.*,
        m.entry_id AS answers_id,
        m.account_id AS answers_account_id,
        m.effective_date AS answers_date,
        m.week_start AS answers_week,
        m.account_id = o.account_id
        AND m.week_start = o.week_start
        AND (m.effective_date = o.effective_date OR (o.level = 'week' AND m.level = 'week'))
            AS is_same_unit,
        DATE_DIFF('microsecond', o.recorded_at, m.recorded_at) AS early_us,
        CASE WHEN o.answers = m.entry_id THEN 0 ELSE 1 END AS not_named,
        CASE WHEN m.job_id = o.job_id THEN 0 ELSE 1 END AS other_job,
        CASE WHEN m.account_id = o.account_id THEN 0 ELSE 1 END AS other_account,
        CASE WHEN m.week_start = o.week_start THEN 0 ELSE 1 END AS other_week,
        NOT o.is_at_home
        AND (m.job_id IS NULL OR o.job_id IS NULL)
        AND ABS(DATE_DIFF('microsecond', m.recorded_at, o.recorded_at)) <= $grace_us AS is_near
    FROM stray_counter AS o
    INNER JOIN judged_row AS m
        ON
            m.currency = o.currency
            AND m.amount = -o.amount
            AND m.role = 'uncountered'
            AND (o.answers IS NULL OR o.answers = m.entry_id)
),

fitting AS (
    SELECT
        *,
        ABS(early_us) AS distance_us,
        CASE
            WHEN is_same_unit AND early_us >= $skew_us THEN 'early'
            WHEN NOT is_same_unit AND early_us < $skew_us THEN 'misplaced'
        END AS stray_kind
    FROM candidate
    WHERE
        NOT (is_in_time AND other_account = 0 AND other_week = 0)
        AND (
            not_named = 0
            OR other_job = 0
            OR (is_in_time AND other_account = 0 AND is_near)
            OR (NOT is_in_time AND (other_account = 0 OR is_near))
        )
)

SELECT
    CAST(ROW_NUMBER() OVER (
        ORDER BY
            not_named, other_job + other_account, other_account, is_in_time, other_week,
            distance_us, entry_id, answers_id
    ) AS BIGINT) AS pair_number,
    entry_id,
    account_id,
    currency,
    week_start,
    effective_date,
    amount,
    recorded_at,
    job_id,
    is_in_time,
    answers_id,
    answers_account_id,
    answers_date,
    answers_week,
    stray_kind
FROM fitting
WHERE stray_kind IS NOT NULL
