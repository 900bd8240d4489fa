-- Weeks of these entries whose two paths to the residual differ: the sum of the week minus what was
-- settled, and the sum of the late entries that nothing answers yet.
WITH week AS (
    SELECT DISTINCT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        s.settled_at
    FROM settle.entry AS e
    INNER JOIN settle.settlement AS s
        ON
            s.account_id = e.account_id
            AND s.currency = e.currency
            AND s.week_start = e.week_start
    WHERE e.entry_id = ANY($entry_ids)
)

SELECT
    'account ' || w.account_id || ', week ' || CAST(w.week_start AS VARCHAR)
    || ' (' || w.currency || ')' AS place,
    'a sum of ' || CAST(every.total AS VARCHAR) || ', ' || CAST(late.unanswered AS VARCHAR)
    || ' of it unanswered, against a settled amount of ' || CAST(w.settled_amount AS VARCHAR)
        AS found
FROM week AS w
CROSS JOIN LATERAL (
    SELECT SUM(r.amount) AS total
    FROM settle.entry AS r
    WHERE
        r.account_id = w.account_id
        AND r.currency = w.currency
        AND r.week_start = w.week_start
) AS every
CROSS JOIN LATERAL (
    SELECT COALESCE(SUM(r.amount), 0) AS unanswered
    FROM settle.entry AS r
    WHERE
        r.account_id = w.account_id
        AND r.currency = w.currency
        AND r.week_start = w.week_start
        AND r.recorded_at > w.settled_at
        AND r.kind = 'entry'
        AND NOT EXISTS (SELECT 1 FROM settle.entry AS c WHERE c.answers = r.entry_id)
) AS late
WHERE every.total - w.settled_amount <> late.unanswered
ORDER BY w.account_id, w.currency, w.week_start
LIMIT 1
