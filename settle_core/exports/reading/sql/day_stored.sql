-- A day that is stored as one, or as an instant of it.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
TRY_CAST(value AS DATE)
