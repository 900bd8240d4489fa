-- A day that is text of the profile's form. DuckDB takes its words for the ends of time for 1900;
-- what begins with a digit is none.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
CASE
    WHEN
        (value >= '0' AND value < ':')
        OR LOWER(TRIM(value)) NOT IN ('infinity', '-infinity', 'epoch')
        THEN CAST(TRY_STRPTIME(value, form) AS DATE)
END
