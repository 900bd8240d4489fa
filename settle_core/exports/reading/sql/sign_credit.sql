-- As sign_debit.sql; credits count as plus.
CREATE OR REPLACE MACRO signed_of(own, other, has_own, has_other, direction, plus, minus) AS
CASE
    WHEN has_own AND own IS NULL THEN NULL
    WHEN has_other AND other IS NULL THEN NULL
    WHEN own <> 0 AND other <> 0 THEN NULL
    WHEN has_own OR has_other
        THEN CAST(COALESCE(other, 0) - COALESCE(own, 0) AS money)
END
