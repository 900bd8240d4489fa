-- Seconds since 1970, text or number, with up to six decimals.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_FULL_MATCH(CAST(value AS VARCHAR), '-?[0-9]{1,11}(\.[0-9]{0,6}0*)?')
        THEN
            MAKE_TIMESTAMP(
                CAST(TRY_CAST(CAST(value AS VARCHAR) AS DECIMAL(38, 6)) * 1000000 AS BIGINT)
            )
END
