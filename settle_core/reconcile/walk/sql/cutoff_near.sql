-- The rows at the cutoff, week by week, the nearest to the settlement first.
SELECT
    account_id,
    currency,
    week_start,
    CAST(entry_id AS VARCHAR) AS entry_id,
    kind = 'counter' AS is_counter,
    CAST(added * CAST($minor_per_major AS BIGINT) AS BIGINT) AS added_minor,
    CAST(wanted * CAST($minor_per_major AS BIGINT) AS BIGINT) AS wanted_minor
FROM cutoff_row
ORDER BY account_id, currency, week_start, distance_us, entry_id
