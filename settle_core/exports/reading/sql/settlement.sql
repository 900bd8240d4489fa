-- Every exported settlement, typed; see entry.sql.
CREATE TABLE part_settlement AS
SELECT COLUMNS($kept)
FROM (
    SELECT
        ID_OF(account_id) AS account_id,
        PERIOD_OF(
            DATED(DAY_OF(week_start, $date_format, $timestamp_format, $day_starts)),
            DATED(DAY_OF(first_day, $date_format, $timestamp_format, $day_starts)),
            CAST(week_start AS VARCHAR),
            DATED(INSTANT_OF(settled_at, $timestamp_format)),
            $day_starts,
            $week_offset_days,
            CAST($named_week AS DATE)
        ) AS week_start,
        FITTING(
            SIGNED_OF(
                AMOUNT_OF(
                    settled_amount,
                    $amount_pattern,
                    $decimal,
                    FACTOR_OF(CAST(currency AS VARCHAR), $codes, $factors, $unit_factor),
                    $marks
                ),
                AMOUNT_OF(
                    amount_other,
                    $amount_pattern,
                    $decimal,
                    FACTOR_OF(CAST(currency AS VARCHAR), $codes, $factors, $unit_factor),
                    $marks
                ),
                settled_amount IS NOT NULL,
                amount_other IS NOT NULL,
                direction,
                $plus,
                $minus
            ),
            COALESCE(CAST(currency AS VARCHAR), $currency),
            $codes,
            $scales
        ) AS settled_amount,
        COALESCE(
            DATED(INSTANT_OF(settled_at, $timestamp_format)), CAST($named_settled_at AS TIMESTAMP)
        ) AS settled_at,
        COALESCE(CAST(currency AS VARCHAR), $currency) AS currency,
        CAST(settlement_id AS VARCHAR) AS settlement_id
    FROM raw_settlement
    WHERE set_aside IS NULL
) AS typed
