-- As day_of_instant.sql, of a stored instant.
CREATE OR REPLACE MACRO day_of(value, form, instant_form, minutes) AS
LOCAL_DAY(DATED(STORED_OF(value)), minutes)
