SELECT * EXCLUDE (place)
FROM ruled.proposed
ORDER BY place
