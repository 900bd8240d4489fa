-- What these keys stand for: each one's entry, and the counter-entry that answers it.
SELECT
    e.idempotency_key,
    e.entry_id,
    c.entry_id AS counter_id
FROM settle.entry AS e
LEFT JOIN settle.entry AS c ON c.answers = e.entry_id
WHERE e.idempotency_key = ANY($keys)
