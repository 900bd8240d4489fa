-- Text of the profile's form, as UTC; see moment_iso.sql and day_text.sql.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN
        (value >= '0' AND value < ':')
        OR LOWER(TRIM(value)) NOT IN ('infinity', '-infinity', 'epoch')
        THEN
            MAKE_TIMESTAMP(
                EPOCH_US(CAST(TRY_STRPTIME(value, form) AS TIMESTAMP WITH TIME ZONE))
            )
END
