-- A day or an instant whose year has four digits. DuckDB reads 25-09-03 by %Y-%m-%d as the year 25,
-- and the zero of some systems is in the year 1: no day of a ledger. An infinite one is none.
CREATE OR REPLACE MACRO dated(value) AS
CASE WHEN value >= DATE '1000-01-01' AND value < DATE '10000-01-01' THEN value END
