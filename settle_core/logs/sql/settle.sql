-- Causes as the logs tell them, in place of those that the ledger alone allows; a row without a
-- cause says why they do not tell one. What the ledger proves stays proved where they agree.
UPDATE replay
SET
    cause = COALESCE(NULLIF(t.cause, ''), replay.cause),
    evidence = CASE
        WHEN t.cause = '' OR (replay.cause = t.cause AND replay.evidence = 'proved')
            THEN replay.evidence
        ELSE t.evidence
    END,
    other_causes = CASE
        WHEN t.cause = '' OR (replay.cause = t.cause AND replay.evidence = 'proved')
            THEN replay.other_causes
        ELSE t.other_causes
    END,
    explanation = CASE
        WHEN t.cause = '' THEN replay.explanation
        ELSE
            REGEXP_REPLACE(
                replay.explanation, ' The data does not tell whether by [^.]*\.', '', 'g'
            )
    END || ' ' || t.sentence
FROM log_cause AS t
WHERE t.entry_id = replay.entry_id AND replay.role IN ('wrong', 'duplicate', 'uncountered')
