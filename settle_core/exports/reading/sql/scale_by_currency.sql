-- Currencies with other decimals than the others have. More decimals than the currency has give no
-- amount.
CREATE OR REPLACE MACRO factor_of(currency, codes, factors, factor) AS
COALESCE(factors[LIST_POSITION(codes, UPPER(TRIM(currency)))], factor);
CREATE OR REPLACE MACRO fitting(amount, currency, codes, scales) AS
CASE
    WHEN LIST_POSITION(codes, UPPER(TRIM(currency))) IS NULL THEN amount
    WHEN
        amount * POWER(10, scales[LIST_POSITION(codes, UPPER(TRIM(currency)))])::BIGINT
        = TRUNC(amount * POWER(10, scales[LIST_POSITION(codes, UPPER(TRIM(currency)))])::BIGINT)
        THEN amount
END
