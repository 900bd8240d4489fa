-- Run a rule and keep what it finds.
INSERT INTO ruled.break_row BY NAME
SELECT
    *,
    $rule AS of_rule
FROM QUERY($query)
