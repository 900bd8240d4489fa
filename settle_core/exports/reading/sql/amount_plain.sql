-- As amount_text.sql, of amounts most of which are written with all decimals that money has: what
-- comes back as it was written needs no pattern, which takes three times as long.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, factor, marks) AS
CASE
    WHEN CAST(TRY_CAST(value AS money) AS VARCHAR) = value THEN TRY_CAST(value AS money)
    WHEN REGEXP_FULL_MATCH(value, pattern) THEN TRY_CAST(value AS money)
END
