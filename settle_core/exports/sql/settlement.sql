-- Every exported settlement, typed; see entry.sql.
SELECT
    account_id,
    DAY_OF(week_start, $date_format) AS week_start,
    AMOUNT_OF(settled_amount, $amount_pattern, $decimal, $unit_factor) AS settled_amount,
    INSTANT_OF(settled_at, $timestamp_format) AS settled_at,
    COALESCE(CAST(currency AS VARCHAR), $currency) AS currency
FROM raw_settlement
