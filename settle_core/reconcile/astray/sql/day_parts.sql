-- How many answers come in parts that stand on one day: late counter-entries that one job wrote in
-- one moment. alone: of those that it wrote for several days of a week, such as stand alone on one.
-- Where each day of a week is plain they are right so, and tell nothing: the pass leaves such out.
WITH counter AS (
    SELECT
        c.account_id,
        c.currency,
        c.week_start,
        c.effective_date,
        c.job_id,
        c.recorded_at,
        c.entry_id,
        DATE_DIFF('microsecond', LAG(c.recorded_at) OVER of_job, c.recorded_at) > $moment_us
            AS is_new
    FROM late_counter AS c
    INNER JOIN late_week AS w
        ON
            w.account_id = c.account_id
            AND w.currency = c.currency
            AND w.week_start = c.week_start
    WHERE c.amount <> 0 AND NOT w.days_plain
    WINDOW of_job AS (
        PARTITION BY c.account_id, c.currency, c.week_start, c.job_id
        ORDER BY c.recorded_at, c.entry_id
    )
),

of_moment AS (
    SELECT
        *,
        COUNT(*) FILTER (WHERE is_new) OVER (
            PARTITION BY account_id, currency, week_start, job_id
            ORDER BY recorded_at, entry_id
            ROWS UNBOUNDED PRECEDING
        ) AS moment
    FROM counter
),

of_day AS (
    SELECT
        COUNT(*) AS counters,
        COUNT(*) OVER (PARTITION BY account_id, currency, week_start, job_id, moment) AS days
    FROM of_moment
    GROUP BY account_id, currency, week_start, job_id, moment, effective_date
)

SELECT
    COUNT(*) FILTER (WHERE counters > 1) AS parts,
    COUNT(*) FILTER (WHERE counters = 1 AND days > 1) AS alone
FROM of_day
