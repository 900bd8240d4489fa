-- A rule with parameters ran.
DROP VIEW IF EXISTS bound_rule
