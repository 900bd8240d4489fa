-- The currencies of an export, in capitals.
SELECT DISTINCT UPPER(TRIM(currency)) AS currency
FROM (
    SELECT currency FROM entry
    UNION ALL
    SELECT currency FROM settlement
) AS every_row
ORDER BY currency
