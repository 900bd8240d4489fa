-- Two columns, debits first; debits count as plus. Both filled, or neither, gives no amount; a zero
-- does not fill a column that has another beside it.
CREATE OR REPLACE MACRO signed_of(own, other, has_own, has_other, direction, plus, minus) AS
CASE
    WHEN has_own AND own IS NULL THEN NULL
    WHEN has_other AND other IS NULL THEN NULL
    WHEN own <> 0 AND other <> 0 THEN NULL
    WHEN has_own OR has_other
        THEN CAST(COALESCE(own, 0) - COALESCE(other, 0) AS money)
END
