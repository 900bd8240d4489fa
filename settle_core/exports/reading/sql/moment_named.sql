-- Text of the profile's form that names its zone: UTC, GMT, or one in full as Europe/Berlin. Short
-- names are those of several zones: DuckDB takes BST for Dhaka, and CET for summer time as well.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN
        REGEXP_MATCHES(
            value,
            '(^|[^A-Za-z])(UTC|GMT|[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/-]+)([^A-Za-z]|$)'
        )
        THEN
            MAKE_TIMESTAMP(
                EPOCH_US(CAST(TRY_STRPTIME(value, form) AS TIMESTAMP WITH TIME ZONE))
            )
END
