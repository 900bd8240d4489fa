-- A timestamp without a zone that is in UTC already: a time zone would take longer than all else.
CREATE OR REPLACE MACRO instant_of(value, form) AS TRY_CAST(value AS TIMESTAMP)
