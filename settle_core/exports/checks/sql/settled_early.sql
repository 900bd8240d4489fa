-- How many weeks were settled before they were half over.
SELECT
    CAST(COUNT(*) AS BIGINT) AS weeks,
    CAST(
        COUNT(*) FILTER (
            WHERE DATE_DIFF('hour', CAST(week_start AS TIMESTAMP), settled_at) < 84
        ) AS BIGINT
    ) AS early,
    CAST(MIN(week_start) AS VARCHAR) AS first_week,
    CAST(MIN(settled_at) AS VARCHAR) AS first_settled_at
FROM settlement
