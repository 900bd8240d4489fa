-- A day that is text of the profile's form. DuckDB takes its words for the ends of time for 1900.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
CASE
    WHEN
        TRY_STRPTIME(value, form) > TIMESTAMP '1900-01-02'
        OR LOWER(TRIM(value)) NOT IN ('infinity', '-infinity', 'epoch')
        THEN CAST(TRY_STRPTIME(value, form) AS DATE)
END
