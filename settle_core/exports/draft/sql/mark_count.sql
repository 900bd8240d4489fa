-- Of a mark of counter-entries: how many rows have it, how many of them are late, the same of all
-- other rows; and how many weeks of an account it explains: the late rows sum to nothing, and the
-- first that has the mark came after one that has not. All weeks whose late rows do come last.
WITH marked_row AS (
    SELECT
        account_id,
        currency,
        week_start,
        recorded_at,
        amount,
        is_late,
        CASE
            WHEN $is_filled THEN COALESCE(value, '') <> ''
            ELSE LIST_CONTAINS($values, COALESCE(value, ''))
        END AS is_marked
    FROM valued_row
),

week AS (
    SELECT
        COUNT(*) FILTER (WHERE is_marked) AS marked,
        COUNT(*) FILTER (WHERE is_marked AND is_late) AS marked_late,
        COUNT(*) FILTER (WHERE NOT is_marked) AS others,
        COUNT(*) FILTER (WHERE NOT is_marked AND is_late) AS others_late,
        COALESCE(SUM(amount) FILTER (WHERE is_late) = 0, FALSE) AS is_whole,
        MIN(recorded_at) FILTER (WHERE is_marked AND is_late)
        >= MIN(recorded_at) FILTER (WHERE NOT is_marked AND is_late) AS is_answer
    FROM marked_row
    GROUP BY account_id, currency, week_start
)

SELECT
    COALESCE(CAST(SUM(marked) AS BIGINT), 0) AS marked,
    COALESCE(CAST(SUM(marked_late) AS BIGINT), 0) AS marked_late,
    COALESCE(CAST(SUM(others) AS BIGINT), 0) AS others,
    COALESCE(CAST(SUM(others_late) AS BIGINT), 0) AS others_late,
    COUNT(*) FILTER (WHERE is_whole AND is_answer) AS explained,
    COUNT(*) FILTER (WHERE is_whole) AS whole
FROM week
