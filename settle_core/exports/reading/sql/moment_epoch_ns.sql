-- Nanoseconds since 1970, text or number; what is below a microsecond is left out.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_FULL_MATCH(CAST(value AS VARCHAR), '-?[0-9]{1,19}(\.0*)?')
        THEN
            MAKE_TIMESTAMP(
                CAST(FLOOR(TRY_CAST(CAST(value AS VARCHAR) AS DECIMAL(38, 0)) / 1000) AS BIGINT)
            )
END
