CREATE OR REPLACE MACRO day_of(value, form) AS CAST(TRY_STRPTIME(value, form) AS DATE)
