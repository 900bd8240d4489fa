-- The signs are the other way round.
CREATE OR REPLACE MACRO signed_of(own, other, has_own, has_other, direction, plus, minus) AS -own
