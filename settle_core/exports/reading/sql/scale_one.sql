-- All amounts have as many decimals as money has.
CREATE OR REPLACE MACRO factor_of(currency, codes, factors, factor) AS factor;
CREATE OR REPLACE MACRO fitting(amount, currency, codes, scales) AS amount
