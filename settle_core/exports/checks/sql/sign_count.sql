-- The signs of entries by currency; how many counter-entries are of nothing, as a column that was
-- not read leaves them; and how many have the sign of what they answer: they repeat the amount of
-- an entry of their own account and week, or the sum of those recorded right before them.
WITH signed AS (
    SELECT
        currency,
        CAST(COUNT(*) AS BIGINT) AS entries,
        CAST(COUNT(*) FILTER (WHERE amount = 0) AS BIGINT) AS zeros,
        CAST(COUNT(*) FILTER (WHERE amount < 0) AS BIGINT) AS negatives,
        CAST(COUNT(*) FILTER (WHERE kind = 'counter' AND amount <> 0) AS BIGINT) AS counters,
        CAST(COUNT(*) FILTER (WHERE kind = 'counter' AND amount = 0) AS BIGINT) AS empty_counters
    FROM entry
    GROUP BY currency
),

one_sided AS (
    SELECT currency FROM signed
    WHERE negatives IN (0, entries - zeros)
),

counter AS (
    SELECT * FROM entry
    WHERE
        kind = 'counter'
        AND amount <> 0
        AND currency IN (SELECT o.currency FROM one_sided AS o)
),

-- Of the days of counter-entries, what the entries came to before and after each row.
run AS (
    SELECT
        e.*,
        SUM(CASE WHEN e.kind = 'entry' THEN e.amount ELSE 0 END) OVER (
            PARTITION BY e.account_id, e.currency, e.effective_date
            ORDER BY e.recorded_at, e.kind DESC, e.entry_id
        ) AS total
    FROM entry AS e
    WHERE EXISTS (
        SELECT 1 FROM counter AS c
        WHERE
            c.account_id = e.account_id
            AND c.currency = e.currency
            AND c.effective_date = e.effective_date
    )
),

echo AS (
    SELECT
        c.currency,
        c.entry_id
    FROM counter AS c
    INNER JOIN entry AS e
        ON
            e.account_id = c.account_id
            AND e.currency = c.currency
            AND e.amount = c.amount
            AND ABS(DATE_DIFF('day', e.effective_date, c.effective_date)) < 7
    WHERE e.kind = 'entry'
    UNION
    SELECT
        c.currency,
        c.entry_id
    FROM run AS c
    INNER JOIN run AS e
        ON
            e.account_id = c.account_id
            AND e.currency = c.currency
            AND e.effective_date = c.effective_date
            AND e.total - CASE WHEN e.kind = 'entry' THEN e.amount ELSE 0 END = c.total - c.amount
    WHERE c.kind = 'counter' AND e.kind = 'entry' AND c.amount <> 0
)

SELECT
    s.currency,
    s.entries,
    s.zeros,
    s.negatives,
    s.counters,
    s.empty_counters,
    CAST(COUNT(h.entry_id) AS BIGINT) AS echoes
FROM signed AS s
LEFT JOIN echo AS h ON h.currency = s.currency
GROUP BY ALL
ORDER BY s.currency
