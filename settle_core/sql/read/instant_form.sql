-- Text of the profile's form, as UTC; see instant_any.sql.
CREATE OR REPLACE MACRO instant_of(value, form) AS
MAKE_TIMESTAMP(EPOCH_US(CAST(TRY_STRPTIME(value, form) AS TIMESTAMP WITH TIME ZONE)))
