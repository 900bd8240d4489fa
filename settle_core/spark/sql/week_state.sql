-- Each account's week: what was in time, and how many rows there are of each kind.
SELECT
    account_id,
    week,
    MAX(settled_us) IS NOT NULL AS is_settled,
    CAST(COUNT(*) FILTER (WHERE is_known) AS BIGINT) AS known_rows,
    CAST(
        COALESCE(SUM(minor) FILTER (WHERE recorded_us <= settled_us), 0) AS BIGINT
    ) AS timely_minor,
    CAST(COUNT(*) FILTER (WHERE recorded_us > settled_us) AS BIGINT) AS late_rows,
    CAST(
        COUNT(*) FILTER (WHERE kind = 1 AND NOT COALESCE(recorded_us > settled_us, FALSE)) AS BIGINT
    ) AS timely_counters
FROM placed_entry
GROUP BY account_id, week
