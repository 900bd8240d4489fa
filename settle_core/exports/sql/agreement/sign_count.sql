-- The signs of entries by currency, and how many counter-entries repeat the amount of an entry of
-- their own account and week with its sign, which answers nothing.
WITH signed AS (
    SELECT
        currency,
        CAST(COUNT(*) AS BIGINT) AS entries,
        CAST(COUNT(*) FILTER (WHERE amount = 0) AS BIGINT) AS zeros,
        CAST(COUNT(*) FILTER (WHERE amount < 0) AS BIGINT) AS negatives,
        CAST(COUNT(*) FILTER (WHERE kind = 'counter' AND amount <> 0) AS BIGINT) AS counters
    FROM entry
    GROUP BY currency
),

one_sided AS (
    SELECT currency FROM signed
    WHERE negatives IN (0, entries - zeros)
),

echo AS (
    SELECT
        c.currency,
        CAST(COUNT(DISTINCT c.entry_id) AS BIGINT) AS echoes
    FROM entry AS c
    INNER JOIN entry AS e
        ON
            e.account_id = c.account_id
            AND e.currency = c.currency
            AND e.amount = c.amount
            AND ABS(DATE_DIFF('day', e.effective_date, c.effective_date)) < 7
    WHERE
        c.kind = 'counter'
        AND e.kind = 'entry'
        AND c.amount <> 0
        AND c.currency IN (SELECT o.currency FROM one_sided AS o)
    GROUP BY c.currency
)

SELECT
    s.currency,
    s.entries,
    s.zeros,
    s.negatives,
    s.counters,
    COALESCE(h.echoes, 0) AS echoes
FROM signed AS s
LEFT JOIN echo AS h ON h.currency = s.currency
ORDER BY s.currency
