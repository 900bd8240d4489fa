-- Every exported row, typed. A required value that cannot be read is NULL, which rejects the row.
-- The macros are chosen by how the export stores amounts, days and instants.
SELECT
    entry_id,
    account_id,
    DAY_OF(effective_date, $date_format) AS effective_date,
    AMOUNT_OF(amount, $amount_pattern, $decimal, $unit_factor) AS amount,
    CASE
        WHEN LIST_CONTAINS($kind_entry, CAST(kind AS VARCHAR)) THEN 'entry'
        WHEN LIST_CONTAINS($kind_counter, CAST(kind AS VARCHAR)) THEN 'counter'
        WHEN LIST_CONTAINS($kind_correction, CAST(kind AS VARCHAR)) THEN 'correction'
    END AS kind,
    INSTANT_OF(recorded_at, $timestamp_format) AS recorded_at,
    CAST(job_id AS VARCHAR) AS job_id,
    CAST(attempt AS VARCHAR) AS attempt,
    CAST(answers AS VARCHAR) AS answers,
    COALESCE(CAST(currency AS VARCHAR), $currency) AS currency,
    CAST(memo AS VARCHAR) AS memo,
    TRY_CAST(
        TRY_CAST(REPLACE(CAST(observed AS VARCHAR), $decimal, '.') AS DECIMAL(28, 10))
        * $unit_factor AS money
    ) AS observed,
    CAST(last_seen AS VARCHAR) AS last_seen,
    CAST(run_id AS VARCHAR) AS run_id,
    COALESCE(
        INSTANT_OF(CAST(committed_at AS VARCHAR), $timestamp_format),
        MAKE_TIMESTAMP(EPOCH_US(TRY_CAST(committed_at AS TIMESTAMP WITH TIME ZONE)))
    ) AS committed_at
FROM raw_entry
