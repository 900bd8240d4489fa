-- Entries as they lie in Parquet, typed; a value that is not surely read is NULL. The ledger's own
-- reading, which knows all forms, then decides. Money, the type of amounts, has the export's scale.
SELECT
    CAST(r.entry_id AS BIGINT) AS entry_id,
    CAST(r.account_id AS BIGINT) AS account_id,
    r.effective_date,
    CASE
        WHEN
            TRY_CAST(r.amount * CAST($unit_factor AS DECIMAL(9, 8)) AS money)
            = r.amount * CAST($unit_factor AS DECIMAL(9, 8))
            THEN TRY_CAST(r.amount * CAST($unit_factor AS DECIMAL(9, 8)) AS money)
    END AS amount,
    CASE
        WHEN LIST_CONTAINS($kind_entry, r.kind) THEN 'entry'
        WHEN LIST_CONTAINS($kind_counter, r.kind) THEN 'counter'
        WHEN LIST_CONTAINS($kind_correction, r.kind) THEN 'correction'
    END AS kind,
    CAST(r.recorded_at - z.utc_offset AS TIMESTAMP) AS recorded_at,
    r.job_id,
    r.answers,
    COALESCE(r.currency, $currency) AS currency
FROM raw_entry AS r
LEFT JOIN entry_zone AS z
    ON
        z.year = CAST(EXTRACT(YEAR FROM r.recorded_at) AS INTEGER)
        AND r.recorded_at >= z.local_from
        AND r.recorded_at < z.local_until
