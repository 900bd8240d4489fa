-- The judged rows with their status: where corrections took back all that is open on a day (or
-- week, where that is what is balanced), its breaks are accepted.
WITH unit AS (
    SELECT
        account_id,
        currency,
        week_start,
        CASE WHEN level = 'week' THEN week_start ELSE effective_date END AS unit_date,
        SUM(CASE WHEN status IN ('open', 'pending') THEN effect ELSE 0 END) AS open_effect
    FROM judged_row
    GROUP BY 1, 2, 3, 4
),

levels AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start,
        level
    FROM judged_row
),

correction AS (
    SELECT
        CAST(c.account_id AS VARCHAR) AS account_id,
        c.currency,
        c.week_start,
        CASE WHEN l.level = 'week' THEN c.week_start ELSE c.effective_date END AS unit_date,
        SUM(c.corrected) AS corrected,
        STRING_AGG(c.correction_ids, ', ' ORDER BY c.effective_date) AS correction_ids
    FROM corrected_day AS c
    INNER JOIN levels AS l
        ON
            l.account_id = CAST(c.account_id AS VARCHAR)
            AND l.currency = c.currency
            AND l.week_start = c.week_start
    GROUP BY 1, 2, 3, 4
),

settled AS (
    SELECT
        u.account_id,
        u.currency,
        u.week_start,
        u.unit_date,
        c.correction_ids
    FROM unit AS u
    INNER JOIN correction AS c
        ON
            c.account_id = u.account_id
            AND c.currency = u.currency
            AND c.week_start = u.week_start
            AND c.unit_date = u.unit_date
            AND c.corrected = -u.open_effect
)

SELECT
    j.account_id,
    j.currency,
    j.week_start,
    j.effective_date,
    j.entry_id,
    j.kind,
    j.role,
    j.amount,
    j.expected_amount,
    j.effect,
    j.recorded_at,
    j.job_id,
    j.place,
    j.level,
    j.policy,
    CASE
        WHEN s.correction_ids IS NOT NULL AND j.status IN ('open', 'pending') THEN 'accepted'
        ELSE j.status
    END AS status,
    j.cause,
    j.evidence,
    j.unseen_entry_ids,
    CASE
        WHEN s.correction_ids IS NOT NULL AND j.status IN ('open', 'pending')
            THEN j.explanation || ' Put right by correction ' || s.correction_ids || '.'
        ELSE j.explanation
    END AS explanation,
    j.other_causes,
    j.start_residual
FROM judged_row AS j
LEFT JOIN settled AS s
    ON
        s.account_id = j.account_id
        AND s.currency = j.currency
        AND s.week_start = j.week_start
        AND s.unit_date = CASE WHEN j.level = 'week' THEN j.week_start ELSE j.effective_date END
