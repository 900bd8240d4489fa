-- As amount_stored.sql, of minor units.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, factor, marks) AS
CASE
    WHEN TRY_CAST(value AS DECIMAL(18, 0)) = value
        THEN TRY_CAST(TRY_CAST(value AS DECIMAL(18, 0)) * factor AS money)
END
