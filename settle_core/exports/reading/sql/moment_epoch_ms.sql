-- Milliseconds since 1970, text or number.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_FULL_MATCH(CAST(value AS VARCHAR), '-?[0-9]{1,14}(\.[0-9]{0,3}0*)?')
        THEN
            MAKE_TIMESTAMP(
                CAST(TRY_CAST(CAST(value AS VARCHAR) AS DECIMAL(38, 3)) * 1000 AS BIGINT)
            )
END
