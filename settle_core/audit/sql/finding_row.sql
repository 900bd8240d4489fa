-- Findings in their order, from one place on.
SELECT *
FROM finding
WHERE rowid >= $first AND rowid < $last
ORDER BY rowid
