-- An amount that is stored as a number; one with more decimals than money has is not rounded.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, factor, marks) AS
CASE WHEN TRY_CAST(value AS money) = value THEN TRY_CAST(value AS money) END
