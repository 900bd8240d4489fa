-- The counter-entries around an incident: before its first wrong row, in between, after its last.
SELECT
    CAST(COUNT(*) FILTER (WHERE recorded_at < $first) AS BIGINT) AS before,
    CAST(COUNT(*) FILTER (WHERE recorded_at BETWEEN $first AND $last) AS BIGINT) AS between_them,
    CAST(COUNT(*) FILTER (WHERE recorded_at > $last) AS BIGINT) AS after
FROM late_counter
