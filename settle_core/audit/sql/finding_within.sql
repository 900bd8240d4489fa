-- Leave the findings of the weeks that are told, in their order. What was settled elsewhere with an
-- answer to one of them is told of the week that is owed it.
CREATE OR REPLACE TABLE finding AS
SELECT *
FROM finding
WHERE week_start >= $first AND week_start <= $last
ORDER BY rowid
