-- Text of the profile's form that ends in an offset. A Z is one, and a zone's short name behind an
-- offset says nothing more, so both are taken off before DuckDB, which knows neither, reads it.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN LOWER(TRIM(value)) NOT IN ('infinity', '-infinity', 'epoch')
        THEN
            MAKE_TIMESTAMP(
                EPOCH_US(
                    CAST(
                        TRY_STRPTIME(
                            REGEXP_REPLACE(
                                REGEXP_REPLACE(value, '([0-9])\s*\(?[A-Z]{2,5}\)?$', '\1'),
                                'Z$',
                                '+00:00'
                            ),
                            form
                        ) AS TIMESTAMP WITH TIME ZONE
                    )
                )
            )
END
