-- Control totals of the settlements under audit, and from where to where they reach.
SELECT
    CAST(COUNT(*) AS BIGINT) AS row_count,
    CAST(
        COUNT(*) FILTER (
            WHERE account_id IS NULL OR week IS NULL OR minor IS NULL OR settled_us IS NULL
        ) AS BIGINT
    ) AS unread,
    CAST(COALESCE(SUM(CAST(minor AS DECIMAL(38, 0))), 0) AS VARCHAR) AS total,
    CAST(COUNT(*) FILTER (WHERE minor = 0) AS BIGINT) AS zeros,
    CAST(COALESCE(MIN(minor), 0) AS BIGINT) AS least,
    CAST(COALESCE(MAX(minor), 0) AS BIGINT) AS largest,
    CAST(COALESCE(MIN(settled_us), 0) AS BIGINT) AS first_settled,
    CAST(COALESCE(MAX(settled_us), 0) AS BIGINT) AS last_settled,
    CAST(COALESCE(MIN(account_id), 0) AS BIGINT) AS first_account,
    CAST(COALESCE(MAX(account_id), 0) AS BIGINT) AS last_account,
    CAST(COALESCE(MIN(week), 0) AS BIGINT) AS first_week,
    CAST(COALESCE(MAX(week), 0) AS BIGINT) AS last_week,
    -- 1970-01-05, day 4, was a Monday.
    CAST(
        COUNT(*) FILTER (WHERE ((week - 4 - $week_offset_days) % 7 + 7) % 7 <> 0) AS BIGINT
    ) AS misplaced
FROM whole_settlement
