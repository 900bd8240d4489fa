-- The row that `Book.post` writes, with no lock, no look at the settlement, no key compared.
INSERT INTO plain.entry (
    account_id, currency, week_start, effective_date, amount, kind, idempotency_key
)
VALUES (%(account_id)s, 'EUR', %(week_start)s, %(effective_date)s, %(amount)s, 'entry', %(key)s)
RETURNING entry_id
