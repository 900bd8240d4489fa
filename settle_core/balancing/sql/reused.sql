-- A key that was used before, for an entry with other contents.
SELECT
    p.idempotency_key,
    e.kind || ' ' || CAST(e.entry_id AS VARCHAR) || ' of account ' || e.account_id || ' on '
    || CAST(e.effective_date AS VARCHAR) || ', ' || CAST(e.amount AS VARCHAR) || ' ' || e.currency
        AS found
FROM (
    SELECT
        UNNEST(CAST($keys AS VARCHAR [])) AS idempotency_key,
        UNNEST(CAST($account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST($currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST($effective_dates AS DATE [])) AS effective_date,
        UNNEST(CAST($amounts AS VARCHAR [])) AS amount,
        UNNEST(CAST($memos AS VARCHAR [])) AS memo
) AS p
INNER JOIN settle.entry AS e ON e.idempotency_key = p.idempotency_key
WHERE
    e.account_id <> p.account_id
    OR e.currency <> p.currency
    OR e.effective_date <> p.effective_date
    OR e.amount <> CAST(p.amount AS DECIMAL(26, 8))
    OR e.memo IS DISTINCT FROM p.memo
    OR e.kind <> $kind
ORDER BY e.entry_id
LIMIT 1
