-- How many findings each rule has.
SELECT
    rule,
    CAST(COUNT(*) AS BIGINT) AS findings
FROM finding
GROUP BY rule
