-- What the rules found, in the order in which they told it.
SELECT * EXCLUDE (of_rule)
FROM ruled.break_row
