-- Text of the profile's form in which numbers stand together, as 20260907 130105: it must have all
-- of their digits, which the form's second text looks for. Else as moment_zoned.sql.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN
        REGEXP_FULL_MATCH(value, form[2])
        AND NOT REGEXP_MATCHES(
            value,
            '[0-9\s][+-]((1[5-9]|[2-9][0-9]):?[0-9]{2}|[0-9]{2}:?[6-9][0-9])'
            || '(\s*\(?[A-Z]{2,5}\)?\s*$|\s+[0-9]{4}$|$)'
        )
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
                            form[1]
                        ) AS TIMESTAMP WITH TIME ZONE
                    )
                )
            )
END
