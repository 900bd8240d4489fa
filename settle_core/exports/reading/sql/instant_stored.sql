-- An instant that is stored as one; one without a zone is in the session's, the profile's.
CREATE OR REPLACE MACRO instant_of(value, form) AS STORED_OF(value)
