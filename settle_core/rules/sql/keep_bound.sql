-- The same of a rule with parameters: of a view in which they are bound.
INSERT INTO ruled.break_row BY NAME
SELECT
    *,
    $rule AS of_rule
FROM bound_rule
