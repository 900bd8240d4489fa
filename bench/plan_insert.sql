-- The planned counter-entries into the table that they are for.
INSERT INTO settle.entry (
    entry_id, account_id, currency, week_start, effective_date, amount, kind, recorded_at, answers,
    observed, last_seen
)
SELECT
    CAST(entry_id AS BIGINT) AS entry_id,
    account_id,
    currency,
    CAST(DATE_TRUNC('week', effective_date) AS DATE) AS week_start,
    effective_date,
    amount,
    kind,
    recorded_at,
    CAST(answers AS BIGINT) AS answers,
    CAST(0 AS DECIMAL(18, 2)) AS observed,
    CAST(answers AS BIGINT) AS last_seen
FROM plan
