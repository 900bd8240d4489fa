-- The currency; the pass sees that there is one.
SELECT MIN(currency) AS currency
FROM (SELECT currency FROM settlement LIMIT 1) AS one
