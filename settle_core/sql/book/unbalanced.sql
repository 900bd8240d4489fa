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
),

residual AS (
    SELECT
        w.account_id,
        w.currency,
        w.week_start,
        w.settled_amount,
        SUM(r.amount) AS total,
        SUM(
            CASE
                WHEN r.kind = 'entry' AND r.recorded_at > w.settled_at AND c.entry_id IS NULL
                    THEN r.amount
                ELSE 0
            END
        ) AS unanswered
    FROM week AS w
    INNER JOIN settle.entry AS r
        ON
            r.account_id = w.account_id
            AND r.currency = w.currency
            AND r.week_start = w.week_start
    LEFT JOIN settle.entry AS c
        ON
            c.answers = r.entry_id
            AND c.account_id = w.account_id
            AND c.currency = w.currency
            AND c.week_start = w.week_start
    GROUP BY w.account_id, w.currency, w.week_start, w.settled_amount
)

SELECT
    'account ' || account_id || ', week ' || CAST(week_start AS VARCHAR) || ' (' || currency || ')'
        AS place,
    'a sum of ' || CAST(total AS VARCHAR) || ', ' || CAST(unanswered AS VARCHAR)
    || ' of it unanswered, against a settled amount of ' || CAST(settled_amount AS VARCHAR)
        AS found
FROM residual
WHERE total - settled_amount <> unanswered
ORDER BY account_id, currency, week_start
LIMIT 1
