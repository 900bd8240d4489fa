CREATE OR REPLACE MACRO day_of(value, form) AS TRY_CAST(value AS DATE)
