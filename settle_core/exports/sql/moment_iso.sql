-- ISO 8601 text, or any type that stores an instant, as UTC. The session's time zone is the
-- profile's, so that what says no zone is read in it. Going by microseconds takes half as long as
-- by TIMEZONE. A word for an instant, such as epoch, is none.
CREATE OR REPLACE MACRO iso_of(value) AS
CASE
    WHEN
        ISFINITE(TRY_CAST(value AS TIMESTAMP WITH TIME ZONE))
        AND (
            EPOCH_US(TRY_CAST(value AS TIMESTAMP WITH TIME ZONE)) <> 0
            OR LOWER(TRIM(CAST(value AS VARCHAR))) <> 'epoch'
        )
        THEN MAKE_TIMESTAMP(EPOCH_US(TRY_CAST(value AS TIMESTAMP WITH TIME ZONE)))
END;
CREATE OR REPLACE MACRO moment_of(value, form) AS ISO_OF(value)
