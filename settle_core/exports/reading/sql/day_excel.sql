-- A day as a spreadsheet counts it: 46270 days from 30 December 1899 are 2026-09-05.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
CASE
    WHEN REGEXP_FULL_MATCH(CAST(value AS VARCHAR), '[1-9][0-9]{4}(\.0*)?')
        THEN DATE '1899-12-30' + CAST(LEFT(CAST(value AS VARCHAR), 5) AS INTEGER)
END
