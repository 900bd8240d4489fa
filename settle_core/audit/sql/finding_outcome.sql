-- The statuses that count, and how many account weeks are at their settled amount but hold masked
-- breaks.
WITH week AS (
    SELECT
        BOOL_OR(f.severity <> 'info' AND f.status = 'open') AS has_open,
        BOOL_OR(f.severity <> 'info' AND f.status = 'masked') AS has_masked,
        BOOL_OR(f.severity <> 'info' AND f.status = 'pending') AS has_pending,
        BOOL_OR(k.is_sum) AS is_off
    FROM finding AS f
    INNER JOIN ruled.kind AS k ON k.rule = f.rule
    GROUP BY f.account_id, f.currency, f.week_start
)

SELECT
    COALESCE(BOOL_OR(has_open), false) AS has_open,
    COALESCE(BOOL_OR(has_masked), false) AS has_masked,
    COALESCE(BOOL_OR(has_pending), false) AS has_pending,
    CAST(COUNT(*) FILTER (WHERE has_masked AND NOT is_off) AS BIGINT) AS weeks_masked
FROM week
