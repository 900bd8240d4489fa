-- As in steps/cutoff_row.sql, where every week was settled at its sum.
SELECT
    s.account_id,
    s.currency,
    s.week_start,
    l.entry_id,
    '' AS kind,
    s.settled_amount AS added,
    s.settled_amount AS wanted,
    CAST(0 AS BIGINT) AS distance_us
FROM scope AS s
CROSS JOIN plain_late AS l
WHERE FALSE
