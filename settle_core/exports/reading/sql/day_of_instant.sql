-- A day that is told by an instant: text of the profile's form, or ISO 8601 beside it.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
LOCAL_DAY(
    DATED(COALESCE(MOMENT_OF(value, instant_form), ISO_OF(CAST(value AS VARCHAR)))), minutes
)
