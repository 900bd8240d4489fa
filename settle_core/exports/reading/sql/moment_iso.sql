-- ISO 8601 text as UTC. The session's time zone is the profile's, so that what says no zone is read
-- in it. Going by microseconds takes half as long as by TIMEZONE. A word for an instant, such as
-- epoch, is none, nor is one with an offset that no clock has, or with a zone's short name, which
-- is that of several zones; see moment_named.sql. Most begin with a digit, end in Z.
CREATE OR REPLACE MACRO iso_of(value) AS
CASE
    WHEN
        (
            (value >= '0' AND value < ':')
            OR LOWER(TRIM(value)) NOT IN ('infinity', '-infinity', 'epoch')
        )
        AND CASE
            WHEN SUFFIX(value, 'Z') THEN TRUE
            WHEN SUBSTR(value, -1) >= 'A'
                THEN
                    REGEXP_MATCHES(
                        value, '[0-9]\s*(UTC|GMT|[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/-]+)$'
                    )
            ELSE
                NOT REGEXP_MATCHES(
                    value,
                    ':[0-9.]+\s*[+-]((1[5-9]|[2-9][0-9])(:?[0-9]{2}){0,2}'
                    || '|[0-9]{2}:?[6-9][0-9](:?[0-9]{2})?|[0-9]{2}:?[0-9]{2}:?[6-9][0-9])\s*$'
                    || '|[A-Za-z]\s+$'
                )
        END
        THEN MAKE_TIMESTAMP(EPOCH_US(TRY_CAST(value AS TIMESTAMP WITH TIME ZONE)))
END;
CREATE OR REPLACE MACRO stored_of(value) AS
CASE
    WHEN ISFINITE(TRY_CAST(value AS TIMESTAMP WITH TIME ZONE))
        THEN MAKE_TIMESTAMP(EPOCH_US(TRY_CAST(value AS TIMESTAMP WITH TIME ZONE)))
END;
CREATE OR REPLACE MACRO moment_of(value, form) AS ISO_OF(value)
