-- What the rules found, with an identity that is the same in every run that finds the same, the
-- severity of its status, and in the fixed order. A masked break has lost its effect, a pending one
-- may yet be answered. In an identity, lengths keep parts with separators in them apart.
CREATE OR REPLACE TABLE finding AS
WITH told AS (
    SELECT
        b.of_rule AS rule,
        k.severity,
        COALESCE(b.status, 'open') AS status,
        COALESCE(b.cause, 'unknown') AS cause,
        COALESCE(b.evidence, 'undetermined') AS evidence,
        COALESCE(b.account_id, '') AS account_id,
        b.week_start,
        b.effective_date,
        COALESCE(b.entry_id, '') AS entry_id,
        b.amount,
        b.expected_amount,
        b.effect,
        COALESCE(b.currency, '') AS currency,
        COALESCE(b.unseen_entry_ids, '') AS unseen_entry_ids,
        COALESCE(b.job_id, '') AS job_id,
        b.recorded_at,
        COALESCE(b.explanation, '') AS explanation,
        COALESCE(b.other_causes, '') AS other_causes,
        b.rowid AS number
    FROM ruled.break_row AS b
    INNER JOIN ruled.kind AS k ON k.rule = b.of_rule
)

SELECT
    LEFT(
        SHA256(
            LENGTH(t.rule) || ':' || t.rule
            || LENGTH(t.account_id) || ':' || t.account_id
            || LENGTH(t.currency) || ':' || t.currency
            || '10:' || t.week_start
            || LENGTH(t.entry_id) || ':' || t.entry_id
        ),
        16
    ) AS finding_id,
    t.rule,
    CASE
        WHEN t.severity = 'info' THEN t.severity
        WHEN t.status = 'masked' THEN 'medium'
        WHEN t.status = 'pending' THEN 'low'
        WHEN t.status = 'accepted' THEN 'info'
        ELSE t.severity
    END AS severity,
    t.* EXCLUDE (rule, severity, number)
FROM told AS t
LEFT JOIN ruled.id_place AS a ON a.id = t.account_id
LEFT JOIN ruled.id_place AS e ON e.id = t.entry_id
ORDER BY
    COALESCE(a.place, TRY_CAST(t.account_id AS BIGINT)) NULLS LAST,
    t.account_id,
    t.currency,
    t.week_start,
    t.effective_date NULLS FIRST,
    t.recorded_at NULLS FIRST,
    COALESCE(e.place, TRY_CAST(t.entry_id AS BIGINT)) NULLS LAST,
    t.entry_id,
    t.rule,
    t.number
