-- Postings become entries, or corrections; one whose key is known is left alone. What comes into a
-- settled week is recorded after its settlement and after every row of its week, even within one
-- tick of the clock, so that the order of `recorded_at` is the order of commits.
INSERT INTO settle.entry (
    account_id, currency, week_start, effective_date, amount, kind, recorded_at, job_id, attempt,
    memo, idempotency_key
)
SELECT
    p.account_id,
    p.currency,
    p.week_start,
    p.effective_date,
    CAST(p.amount AS DECIMAL(26, 8)),
    CAST($kind AS VARCHAR),
    CASE
        WHEN s.settled_at IS NULL THEN settle.clock()
        ELSE
            GREATEST(
                settle.clock(),
                s.settled_at + INTERVAL '1 microsecond',
                (
                    SELECT MAX(w.recorded_at) + INTERVAL '1 microsecond'
                    FROM settle.entry AS w
                    WHERE
                        w.account_id = s.account_id
                        AND w.currency = s.currency
                        AND w.week_start = s.week_start
                )
            )
    END,
    CAST($job_id AS VARCHAR),
    CAST($attempt AS INTEGER),
    p.memo,
    p.idempotency_key
FROM (
    SELECT
        GENERATE_SUBSCRIPTS(CAST($keys AS VARCHAR []), 1) AS place,
        UNNEST(CAST($keys AS VARCHAR [])) AS idempotency_key,
        UNNEST(CAST($account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST($currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST($week_starts AS DATE [])) AS week_start,
        UNNEST(CAST($effective_dates AS DATE [])) AS effective_date,
        UNNEST(CAST($amounts AS VARCHAR [])) AS amount,
        UNNEST(CAST($memos AS VARCHAR [])) AS memo
) AS p
LEFT JOIN settle.settlement AS s
    ON
        s.account_id = p.account_id
        AND s.currency = p.currency
        AND s.week_start = p.week_start
ORDER BY p.place
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING idempotency_key, entry_id, CAST(NULL AS BIGINT) AS counter_id
