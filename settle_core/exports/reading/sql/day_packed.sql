-- A day that is text of the profile's form in which numbers stand together, as 20260907; see
-- moment_packed.sql.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
CASE
    WHEN REGEXP_FULL_MATCH(value, form[2]) THEN CAST(TRY_STRPTIME(value, form[1]) AS DATE)
END
