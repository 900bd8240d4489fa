-- Text is checked before it is cast: DuckDB would round 1.105 to two decimals and take 1e3 for a
-- number.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, unit_factor) AS
CASE
    WHEN REGEXP_FULL_MATCH(value, pattern)
        THEN TRY_CAST(CASE WHEN decimal = '.' THEN value ELSE REPLACE(value, decimal, '.') END AS money)
END
