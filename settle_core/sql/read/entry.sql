-- Every exported row, typed. A required value that cannot be read is NULL, which rejects the row.
-- Text is checked before it is cast: DuckDB would round 1.105 to two decimals and take 1e3 for a
-- number. Instants become UTC: the session's time zone is the profile's, so that a timestamp
-- without a zone is read in it and one with an offset is not. Those that are in UTC already are
-- taken as they are: going through a time zone takes longer than all else here.
SELECT
    CASE WHEN CAST(entry_id AS VARCHAR) <> '' THEN entry_id END AS entry_id,
    CASE WHEN CAST(account_id AS VARCHAR) <> '' THEN account_id END AS account_id,
    CASE
        WHEN TYPEOF(effective_date) = 'VARCHAR'
            THEN CAST(TRY_STRPTIME(CAST(effective_date AS VARCHAR), $date_format) AS DATE)
        ELSE TRY_CAST(effective_date AS DATE)
    END AS effective_date,
    CASE
        WHEN TYPEOF(amount) <> 'VARCHAR' AND $unit_factor = 1
            THEN CASE WHEN TRY_CAST(amount AS money) = amount THEN TRY_CAST(amount AS money) END
        WHEN TYPEOF(amount) <> 'VARCHAR'
            THEN
                CASE
                    WHEN TRY_CAST(amount AS DECIMAL(18, 0)) = amount
                        THEN TRY_CAST(TRY_CAST(amount AS DECIMAL(18, 0)) * $unit_factor AS money)
                END
        WHEN REGEXP_FULL_MATCH(CAST(amount AS VARCHAR), $amount_pattern)
            THEN
                TRY_CAST(
                    TRY_CAST(REPLACE(CAST(amount AS VARCHAR), $decimal, '.') AS DECIMAL(28, 10))
                    * $unit_factor AS money
                )
    END AS amount,
    CASE
        WHEN LIST_CONTAINS($kind_entry, CAST(kind AS VARCHAR)) THEN 'entry'
        WHEN LIST_CONTAINS($kind_counter, CAST(kind AS VARCHAR)) THEN 'counter'
        WHEN LIST_CONTAINS($kind_correction, CAST(kind AS VARCHAR)) THEN 'correction'
    END AS kind,
    CASE
        WHEN TYPEOF(recorded_at) = 'VARCHAR' AND NOT $timestamp_is_iso
            THEN
                TIMEZONE(
                    'UTC',
                    CAST(
                        TRY_STRPTIME(CAST(recorded_at AS VARCHAR), $timestamp_format)
                        AS TIMESTAMP WITH TIME ZONE
                    )
                )
        WHEN TYPEOF(recorded_at) = 'TIMESTAMP' AND $zone_is_utc
            THEN TRY_CAST(recorded_at AS TIMESTAMP)
        WHEN
            TYPEOF(recorded_at) = 'TIMESTAMP WITH TIME ZONE'
            AND ISFINITE(TRY_CAST(recorded_at AS TIMESTAMP WITH TIME ZONE))
            THEN MAKE_TIMESTAMP(EPOCH_US(TRY_CAST(recorded_at AS TIMESTAMP WITH TIME ZONE)))
        ELSE TIMEZONE('UTC', TRY_CAST(recorded_at AS TIMESTAMP WITH TIME ZONE))
    END AS recorded_at,
    NULLIF(CAST(job_id AS VARCHAR), '') AS job_id,
    NULLIF(CAST(attempt AS VARCHAR), '') AS attempt,
    NULLIF(CAST(answers AS VARCHAR), '') AS answers,
    COALESCE(NULLIF(CAST(currency AS VARCHAR), ''), $currency) AS currency,
    NULLIF(CAST(memo AS VARCHAR), '') AS memo,
    TRY_CAST(
        TRY_CAST(REPLACE(CAST(observed AS VARCHAR), $decimal, '.') AS DECIMAL(28, 10))
        * $unit_factor AS money
    ) AS observed,
    NULLIF(CAST(last_seen AS VARCHAR), '') AS last_seen
FROM raw_entry
