-- The counter-entries that are owed now: one for each late entry that nothing answers, on its day,
-- unless that was put right, its counter-entry stands elsewhere, or may stand there, or its week
-- was settled at two amounts. Ids follow the largest of the export where ids are numbers, and are
-- made from the late entry's otherwise, so that the same export always gives the same plan.
SELECT
    CASE
        WHEN $ids_are_numbers
            THEN
                CAST(
                    (SELECT MAX(TRY_CAST(e.entry_id AS BIGINT)) FROM entry AS e)
                    + ROW_NUMBER() OVER (
                        ORDER BY r.recorded_at, TRY_CAST(r.entry_id AS BIGINT), r.entry_id
                    ) AS VARCHAR
                )
        ELSE 'counter-of-' || r.entry_id
    END AS entry_id,
    r.account_id,
    r.effective_date,
    r.expected_amount AS amount,
    'counter' AS kind,
    $as_of AS recorded_at,
    CAST(NULL AS VARCHAR) AS job_id,
    r.entry_id AS answers,
    r.currency,
    'planned' AS memo
FROM replay AS r
LEFT JOIN stray AS s ON s.answers_id = r.entry_id
LEFT JOIN stray_doubt AS d ON d.entry_id = r.entry_id
LEFT JOIN (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        week_start
    FROM settlement
    INNER JOIN repeated_settlement USING (account_id, currency, week_start)
    GROUP BY account_id, currency, week_start
    HAVING COUNT(DISTINCT settled_amount) > 1
) AS t ON t.account_id = r.account_id AND t.currency = r.currency AND t.week_start = r.week_start
WHERE
    r.role = 'uncountered'
    AND r.status IN ('open', 'pending')
    AND s.answers_id IS NULL
    AND d.entry_id IS NULL
    AND t.account_id IS NULL
ORDER BY r.recorded_at, TRY_CAST(r.entry_id AS BIGINT), r.entry_id
