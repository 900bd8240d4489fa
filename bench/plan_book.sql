-- A book with all entries, so that only the counter-entries are left to insert. They are history,
-- so the guard that refuses instants of the past goes.
DROP TRIGGER entry_given ON settle.entry;

INSERT INTO settle.account
SELECT DISTINCT
    CAST(account_id AS VARCHAR) AS account_id,
    'EUR' AS currency
FROM entries;

INSERT INTO settle.entry (
    entry_id, account_id, currency, week_start, effective_date, amount, kind, recorded_at
)
SELECT
    entry_id,
    CAST(account_id AS VARCHAR) AS account_id,
    'EUR' AS currency,
    CAST(DATE_TRUNC('week', effective_date) AS DATE) AS week_start,
    effective_date,
    amount,
    kind,
    recorded_at
FROM entries
