-- Findings as the lines of a CSV file, in their order.
WITH shown AS (
    SELECT
        UNNEST(CAST($currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST($decimals AS INTEGER [])) AS decimals
)

SELECT
    f.finding_id
    || ',' || f.rule
    || ',' || f.severity
    || ',' || f.status
    || ',' || f.cause
    || ',' || f.evidence
    || ',' || CSV_TEXT(HARMLESS_TEXT(f.account_id))
    || ',' || CAST(f.week_start AS VARCHAR)
    || ',' || COALESCE(CAST(f.effective_date AS VARCHAR), '')
    || ',' || CSV_TEXT(HARMLESS_TEXT(f.entry_id))
    || ',' || MONEY_TEXT(CAST(f.amount AS VARCHAR), s.decimals, $scale)
    || ',' || MONEY_TEXT(CAST(f.expected_amount AS VARCHAR), s.decimals, $scale)
    || ',' || MONEY_TEXT(CAST(f.effect AS VARCHAR), s.decimals, $scale)
    || ',' || CSV_TEXT(HARMLESS_TEXT(f.currency))
    || ',' || CSV_TEXT(HARMLESS_TEXT(f.unseen_entry_ids))
    || ',' || CSV_TEXT(HARMLESS_TEXT(f.job_id))
    || ',' || COALESCE(STRFTIME(f.recorded_at, '%Y-%m-%dT%H:%M:%S.%fZ'), '')
    || ',' || CSV_TEXT(HARMLESS_TEXT(f.explanation))
    || ',' || CSV_TEXT(f.other_causes) AS line
FROM finding AS f
INNER JOIN shown AS s ON s.currency = f.currency
WHERE f.rowid >= $first AND f.rowid < $last
ORDER BY f.rowid
