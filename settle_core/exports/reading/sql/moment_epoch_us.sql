-- Microseconds since 1970, text or number.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_FULL_MATCH(CAST(value AS VARCHAR), '-?[0-9]{1,17}(\.0*)?')
        THEN MAKE_TIMESTAMP(CAST(TRY_CAST(CAST(value AS VARCHAR) AS DECIMAL(38, 0)) AS BIGINT))
END
