-- Settlements likewise; see typed_entry.sql.
SELECT
    CAST(r.account_id AS BIGINT) AS account_id,
    r.week_start,
    CASE
        WHEN
            TRY_CAST(r.settled_amount * CAST($unit_factor AS DECIMAL(9, 8)) AS money)
            = r.settled_amount * CAST($unit_factor AS DECIMAL(9, 8))
            THEN TRY_CAST(r.settled_amount * CAST($unit_factor AS DECIMAL(9, 8)) AS money)
    END AS settled_amount,
    CAST(r.settled_at - z.utc_offset AS TIMESTAMP) AS settled_at,
    COALESCE(r.currency, $currency) AS currency
FROM raw_settlement AS r
LEFT JOIN settlement_zone AS z
    ON
        z.year = CAST(EXTRACT(YEAR FROM r.settled_at) AS INTEGER)
        AND r.settled_at >= z.local_from
        AND r.settled_at < z.local_until
