-- Text is checked before it is cast: DuckDB would round 1.105 to two decimals and take 1e3 for a
-- number.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, factor, marks) AS
CASE
    WHEN NOT REGEXP_FULL_MATCH(value, pattern) THEN NULL
    WHEN decimal = '.' THEN TRY_CAST(value AS money)
    ELSE TRY_CAST(REPLACE(value, decimal, '.') AS money)
END
