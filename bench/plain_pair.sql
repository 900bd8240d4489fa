-- The two rows that a late `Book.post` writes, with no lock and no look at anything.
WITH late AS (
    INSERT INTO plain.entry (
        account_id, currency, week_start, effective_date, amount, kind, idempotency_key
    )
    VALUES (%(account_id)s, 'EUR', %(week_start)s, %(effective_date)s, %(amount)s, 'entry', %(key)s)
    RETURNING *
)

INSERT INTO plain.entry (
    account_id, currency, week_start, effective_date, amount, kind, answers, observed, last_seen
)
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    -amount,
    'counter',
    entry_id,
    0,
    entry_id
FROM late
RETURNING entry_id
