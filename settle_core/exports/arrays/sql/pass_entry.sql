-- Every entry, as the pass takes it: kinds by number, and what a counter-entry says it answers:
-- the least number there is for nothing, the next one for what is no whole number. Texts would
-- cost as much as all else: the jobs of late rows are asked for afterwards.
SELECT
    entry_id,
    account_id,
    effective_date,
    amount,
    CASE kind
        WHEN 'entry' THEN CAST(0 AS UTINYINT)
        WHEN 'counter' THEN CAST(1 AS UTINYINT)
        WHEN 'correction' THEN CAST(2 AS UTINYINT)
    END AS kind,
    recorded_at,
    CASE
        WHEN answers IS NULL THEN CAST(-9223372036854775808 AS BIGINT)
        WHEN CAST(TRY_CAST(answers AS BIGINT) AS VARCHAR) = answers
            THEN GREATEST(TRY_CAST(answers AS BIGINT), -9223372036854775807)
        ELSE CAST(-9223372036854775807 AS BIGINT)
    END AS answers
FROM entry
