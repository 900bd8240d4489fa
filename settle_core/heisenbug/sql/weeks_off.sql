-- Settled weeks that do not sum to their settled amount.
SELECT COUNT(*)
FROM settlements AS s
WHERE s.amount <> (
    SELECT SUM(l.amount)
    FROM ledgers AS l
    WHERE l.user_id = s.user_id AND l.date BETWEEN s.week_start AND s.week_start + 6
)
