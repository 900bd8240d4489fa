-- Settled weeks of a book that do not sum to their settled amount.
SELECT COUNT(*)
FROM settle.settlement AS s
WHERE s.settled_amount <> (
    SELECT SUM(e.amount)
    FROM settle.entry AS e
    WHERE
        e.account_id = s.account_id
        AND e.currency = s.currency
        AND e.effective_date BETWEEN s.week_start AND s.week_start + 6
)
