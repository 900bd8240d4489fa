-- Text of the profile's form that has an offset. A Z is one, and a zone's short name behind an
-- offset says nothing more, so both are taken off before DuckDB, which knows neither, reads it.
-- An offset that no clock has is none; see moment_iso.sql.
-- Of a second six digits are kept, of the seven of SQL Server too.
CREATE OR REPLACE MACRO six_digits(value) AS
REGEXP_REPLACE(value, '(\.[0-9]{6})[0-9]{1,3}([^0-9]|$)', '\1\2');

CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN
        LOWER(TRIM(value)) NOT IN ('infinity', '-infinity', 'epoch')
        AND (
            SUFFIX(value, 'Z')
            OR NOT REGEXP_MATCHES(
                value,
                '[0-9\s][+-]((1[5-9]|[2-9][0-9]):?[0-9]{2}|[0-9]{2}:?[6-9][0-9])'
                || '(\s*\(?[A-Z]{2,5}\)?\s*$|\s*\([A-Za-z ]+\)\s*$|\s+[0-9]{4}$|$)'
            )
        )
        THEN
            MAKE_TIMESTAMP(
                EPOCH_US(
                    CAST(
                        TRY_STRPTIME(
                            REGEXP_REPLACE(
                                REGEXP_REPLACE(
                                    SIX_DIGITS(value),
                                    '([0-9])\s*(\(?[A-Z]{2,5}\)?|\([A-Za-z ]+\))$',
                                    '\1'
                                ),
                                'Z$',
                                '+00:00'
                            ),
                            form
                        ) AS TIMESTAMP WITH TIME ZONE
                    )
                )
            )
END
