-- Text of the profile's form that names its zone by a short name, as PDT. `form` holds the form,
-- the zone of the profile, a pattern of the names that it has, and the seconds from UTC of each.
-- A name that the zone does not have at that hour, as CET in summer, may be a mistake: it is none.
-- All other names are read as moment_named.sql has them.
CREATE OR REPLACE MACRO short_at(local, seconds, zone) AS
CASE
    WHEN
        TIMEZONE(zone, MAKE_TIMESTAMPTZ(local - 1000000 * seconds)) = MAKE_TIMESTAMP(local)
        THEN MAKE_TIMESTAMP(local - 1000000 * seconds)
END;

CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_MATCHES(value, form[3])
        THEN
            SHORT_AT(
                EPOCH_US(
                    CAST(
                        TRY_STRPTIME(REGEXP_REPLACE(value, form[3], '\1UTC\3'), form[1])
                        AS TIMESTAMP WITH TIME ZONE
                    )
                ),
                CAST(
                    SPLIT_PART(
                        LIST_FILTER(
                            form,
                            LAMBDA told:
                            STARTS_WITH(told, REGEXP_EXTRACT(value, form[3], 2) || '=')
                        )[1],
                        '=',
                        2
                    ) AS BIGINT
                ),
                form[2]
            )
    WHEN
        REGEXP_MATCHES(
            value,
            '(^|[^A-Za-z])(UTC|GMT|[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/-]+)([^A-Za-z]|$)'
        )
        THEN
            MAKE_TIMESTAMP(
                EPOCH_US(CAST(TRY_STRPTIME(value, form[1]) AS TIMESTAMP WITH TIME ZONE))
            )
END
