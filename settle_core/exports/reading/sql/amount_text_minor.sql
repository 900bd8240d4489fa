-- As amount_text.sql, of minor units.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, factor, marks) AS
CASE
    WHEN REGEXP_FULL_MATCH(value, pattern)
        THEN
            TRY_CAST(
                TRY_CAST(REPLACE(value, decimal, '.') AS DECIMAL(18, 0)) * factor AS money
            )
END
