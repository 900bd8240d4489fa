-- Of each value of memo, which a first profile lends to the column of kinds: how many entries there
-- are in settled weeks, and how many of them were recorded after their week was settled.
SELECT
    COALESCE(e.memo, '') AS value,
    COUNT(*) AS row_count,
    COUNT(*) FILTER (WHERE e.recorded_at > s.settled_at) AS late
FROM entry AS e
INNER JOIN settlement AS s
    ON
        s.account_id = e.account_id
        AND s.currency = e.currency
        AND e.effective_date >= s.week_start
        AND e.effective_date < s.week_start + 7
GROUP BY COALESCE(e.memo, '')
ORDER BY row_count, value
