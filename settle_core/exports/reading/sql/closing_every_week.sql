-- Closings by a rule: every week in which an entry counts, closed so long after its start where the
-- clock is. Without a day from which on weeks are open, those are whose closing is yet to come.
WITH week AS (
    SELECT DISTINCT WEEK_OF(effective_date, $week_offset_days) AS week_start
    FROM stored_entry
),

closing AS (
    SELECT
        week_start,
        MAKE_TIMESTAMP(
            EPOCH_US(
                CAST(
                    CAST(week_start AS TIMESTAMP) + TO_MINUTES(CAST($closed_after AS BIGINT))
                    AS TIMESTAMP WITH TIME ZONE
                )
            )
        ) AS settled_at
    FROM week
)

SELECT
    CAST(NULL AS VARCHAR) AS account_id,
    week_start,
    CAST(NULL AS money) AS settled_amount,
    settled_at,
    $currency AS currency
FROM closing
WHERE
    week_start < COALESCE(CAST($until AS DATE), DATE '9999-01-01')
    AND (
        $until IS NOT NULL OR settled_at <= (SELECT MAX(e.recorded_at) FROM stored_entry AS e)
    )
ORDER BY week_start
