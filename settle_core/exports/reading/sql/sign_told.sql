-- The amount has its own sign.
CREATE OR REPLACE MACRO signed_of(own, other, has_own, has_other, direction, plus, minus) AS own
