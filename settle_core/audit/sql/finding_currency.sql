SELECT DISTINCT currency
FROM finding
