-- A column tells the sign; a negative amount counts algebraically. A direction in neither list
-- gives no amount.
CREATE OR REPLACE MACRO signed_of(own, other, has_own, has_other, direction, plus, minus) AS
CASE
    WHEN LIST_CONTAINS(plus, direction) THEN own
    WHEN LIST_CONTAINS(minus, direction) THEN -own
END
