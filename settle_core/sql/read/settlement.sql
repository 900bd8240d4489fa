-- Every exported settlement, typed; see parsed_entry.sql.
SELECT
    CASE WHEN CAST(account_id AS VARCHAR) <> '' THEN account_id END AS account_id,
    CASE
        WHEN TYPEOF(week_start) = 'VARCHAR'
            THEN CAST(TRY_STRPTIME(CAST(week_start AS VARCHAR), $date_format) AS DATE)
        ELSE TRY_CAST(week_start AS DATE)
    END AS week_start,
    CASE
        WHEN TYPEOF(settled_amount) <> 'VARCHAR' AND $unit_factor = 1
            THEN
                CASE
                    WHEN TRY_CAST(settled_amount AS money) = settled_amount
                        THEN TRY_CAST(settled_amount AS money)
                END
        WHEN TYPEOF(settled_amount) <> 'VARCHAR'
            THEN
                CASE
                    WHEN TRY_CAST(settled_amount AS DECIMAL(18, 0)) = settled_amount
                        THEN
                            TRY_CAST(
                                TRY_CAST(settled_amount AS DECIMAL(18, 0)) * $unit_factor AS money
                            )
                END
        WHEN REGEXP_FULL_MATCH(CAST(settled_amount AS VARCHAR), $amount_pattern)
            THEN
                TRY_CAST(
                    TRY_CAST(
                        REPLACE(CAST(settled_amount AS VARCHAR), $decimal, '.') AS DECIMAL(28, 10)
                    )
                    * $unit_factor AS money
                )
    END AS settled_amount,
    CASE
        WHEN TYPEOF(settled_at) = 'VARCHAR' AND NOT $timestamp_is_iso
            THEN
                TIMEZONE(
                    'UTC',
                    CAST(
                        TRY_STRPTIME(CAST(settled_at AS VARCHAR), $timestamp_format)
                        AS TIMESTAMP WITH TIME ZONE
                    )
                )
        WHEN TYPEOF(settled_at) = 'TIMESTAMP' AND $zone_is_utc
            THEN TRY_CAST(settled_at AS TIMESTAMP)
        WHEN
            TYPEOF(settled_at) = 'TIMESTAMP WITH TIME ZONE'
            AND ISFINITE(TRY_CAST(settled_at AS TIMESTAMP WITH TIME ZONE))
            THEN MAKE_TIMESTAMP(EPOCH_US(TRY_CAST(settled_at AS TIMESTAMP WITH TIME ZONE)))
        ELSE TIMEZONE('UTC', TRY_CAST(settled_at AS TIMESTAMP WITH TIME ZONE))
    END AS settled_at,
    COALESCE(NULLIF(CAST(currency AS VARCHAR), ''), $currency) AS currency
FROM raw_settlement
