-- The weeks in which an invariant may not hold: what they are off by, what the findings say of it,
-- what was accepted of that by the file of dispositions, and what is proposed.
WITH told AS (
    SELECT
        f.account_id,
        f.currency,
        f.week_start,
        f.effect,
        COALESCE(b.status, f.status) AS status,
        f.status = 'accepted' AND b.status <> 'accepted' AS is_accepted_now
    FROM finding AS f
    INNER JOIN ruled.kind AS k ON k.rule = f.rule AND k.is_part_of_residual
    LEFT JOIN ruled.before AS b ON b.finding_id = f.finding_id
),

part AS (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        week_start,
        residual,
        NULL AS waiting,
        NULL AS masked,
        NULL AS accepted,
        NULL AS proposed
    FROM week_off
    UNION ALL
    SELECT
        account_id,
        currency,
        week_start,
        NULL AS residual,
        CASE WHEN status IN ('open', 'pending') THEN effect END AS waiting,
        CASE WHEN status = 'masked' THEN effect END AS masked,
        CASE WHEN is_accepted_now THEN effect END AS accepted,
        NULL AS proposed
    FROM told
    UNION ALL
    SELECT
        account_id,
        currency,
        WEEK_OF(effective_date, $week_offset_days) AS week_start,
        NULL AS residual,
        NULL AS waiting,
        NULL AS masked,
        NULL AS accepted,
        amount AS proposed
    FROM ruled.proposed
),

week AS (
    SELECT
        account_id,
        currency,
        week_start,
        COALESCE(SUM(residual), 0) AS residual,
        COALESCE(SUM(waiting), 0) AS waiting,
        COALESCE(SUM(masked), 0) AS masked,
        COALESCE(SUM(accepted), 0) AS accepted,
        SUM(proposed) AS proposed
    FROM part
    GROUP BY account_id, currency, week_start
)

SELECT
    account_id,
    currency,
    week_start,
    residual,
    waiting,
    masked,
    accepted,
    proposed,
    COALESCE(residual + proposed <> accepted, false) AS is_not_restored
FROM week
WHERE residual <> waiting OR masked <> 0 OR residual + proposed <> accepted
ORDER BY account_id, currency, week_start
