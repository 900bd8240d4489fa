-- The sentences of findings in some currencies.
SELECT
    rowid AS place,
    currency,
    explanation
FROM finding
WHERE currency IN (SELECT UNNEST(CAST($currencies AS VARCHAR [])))
