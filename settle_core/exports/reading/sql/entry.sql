-- Every exported row, typed. A required value that cannot be read is NULL, which rejects the row.
-- The macros are chosen by how the export writes or stores amounts, signs, kinds, days and
-- instants. Whether a year has four digits is asked of what was read: within the CASE of a macro
-- DuckDB would read each text three times.
CREATE TABLE part_entry AS
SELECT COLUMNS($kept)
FROM (
    SELECT
        * REPLACE (
            DATED(effective_date) AS effective_date,
            DATED(recorded_at) AS recorded_at,
            DATED(committed_at) AS committed_at
        )
    FROM (
        SELECT
            ID_OF(entry_id) AS entry_id,
            ID_OF(account_id) AS account_id,
            DAY_OF(effective_date, $date_format, $timestamp_format, $day_starts) AS effective_date,
            FITTING(
                SIGNED_OF(
                    AMOUNT_OF(
                        amount,
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
                    amount IS NOT NULL,
                    amount_other IS NOT NULL,
                    direction,
                    $plus,
                    $minus
                ),
                COALESCE(CAST(currency AS VARCHAR), $currency),
                $codes,
                $scales
            ) AS amount,
            KIND_OF(kind, is_marked, $kind_entry, $kind_counter, $kind_correction) AS kind,
            INSTANT_OF(recorded_at, $timestamp_format) AS recorded_at,
            CAST(job_id AS VARCHAR) AS job_id,
            CAST(attempt AS VARCHAR) AS attempt,
            CAST(answers AS VARCHAR) AS answers,
            COALESCE(CAST(currency AS VARCHAR), $currency) AS currency,
            CAST(memo AS VARCHAR) AS memo,
            TRY_CAST(
                TRY_CAST(REPLACE(CAST(observed AS VARCHAR), $decimal, '.') AS DECIMAL(28, 10))
                * FACTOR_OF(CAST(currency AS VARCHAR), $codes, $factors, $unit_factor) AS money
            ) AS observed,
            CAST(last_seen AS VARCHAR) AS last_seen,
            CAST(run_id AS VARCHAR) AS run_id,
            COALESCE(
                INSTANT_OF(CAST(committed_at AS VARCHAR), $timestamp_format),
                STORED_OF(committed_at)
            ) AS committed_at,
            CAST(settlement_id AS VARCHAR) AS settlement_id,
            file_row
        FROM raw_entry
        WHERE set_aside IS NULL
    ) AS typed
) AS dated
