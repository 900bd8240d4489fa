-- A day that is stored as one, or as an instant of it; the ends of time are none.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
CASE WHEN ISFINITE(TRY_CAST(value AS DATE)) THEN TRY_CAST(value AS DATE) END
