-- The currencies, two at most.
SELECT currency
FROM (
    SELECT DISTINCT currency FROM entry
    UNION
    SELECT DISTINCT currency FROM settlement
) AS every_currency
LIMIT 2
