-- Control totals of all entries.
SELECT
    CAST(COUNT(*) AS BIGINT) AS row_count,
    CAST(
        COUNT(*) FILTER (
            WHERE
                entry_id IS NULL
                OR account_id IS NULL
                OR day IS NULL
                OR minor IS NULL
                OR kind IS NULL
                OR recorded_us IS NULL
        ) AS BIGINT
    ) AS unread,
    CAST(COALESCE(SUM(CAST(minor AS DECIMAL(38, 0))), 0) AS VARCHAR) AS total,
    CAST(COUNT(*) FILTER (WHERE minor = 0) AS BIGINT) AS zeros,
    CAST(COUNT(*) FILTER (WHERE minor < 0) AS BIGINT) AS negatives,
    CAST(COUNT(*) FILTER (WHERE kind = 1) AS BIGINT) AS counters,
    CAST(COALESCE(MIN(minor), 0) AS BIGINT) AS least,
    CAST(COALESCE(MAX(minor), 0) AS BIGINT) AS largest,
    CAST(COALESCE(MIN(entry_id), 0) AS BIGINT) AS first_id,
    CAST(COALESCE(MAX(entry_id), 0) AS BIGINT) AS last_id,
    CAST(COALESCE(MIN(day), 0) AS BIGINT) AS first_day,
    CAST(COALESCE(MIN(recorded_us), 0) AS BIGINT) AS first_recorded,
    CAST(COALESCE(MAX(recorded_us), 0) AS BIGINT) AS last_recorded
FROM whole_entry
