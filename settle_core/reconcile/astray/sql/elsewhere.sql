-- Late entries and counter-entries of another week or account, plainly written for each other: of
-- opposite amounts, and the counter-entry names the entry, or one job wrote both within the time
-- that a job takes. Where another row of either's own week fits that description as well, or more
-- than two rows do, nothing is plain. Row numbers are those of suspect_row, -1 for what is not
-- searched: an entry that is owed its answer anyway, a counter-entry that was in time for its week.
WITH entry_half AS (
    SELECT row_number, entry_id, account_id, currency, week_start, amount, recorded_at, job_id
    FROM suspect_row
    WHERE kind = 'entry'
    UNION ALL
    SELECT
        CAST(-1 AS BIGINT) AS row_number,
        entry_id,
        account_id,
        currency,
        week_start,
        amount,
        recorded_at,
        job_id
    FROM owed_row
    WHERE role = 'uncountered'
),

counter_half AS (
    SELECT
        row_number,
        entry_id,
        account_id,
        currency,
        week_start,
        amount,
        recorded_at,
        job_id,
        answers
    FROM suspect_row
    WHERE kind = 'counter'
    UNION ALL
    SELECT
        CAST(-1 AS BIGINT) AS row_number,
        entry_id,
        account_id,
        currency,
        week_of(effective_date, $week_offset_days) AS week_start,
        amount,
        recorded_at,
        job_id,
        answers
    FROM timely_counter
),

pair AS (
    SELECT e.*, c.row_number AS counter_row, c.entry_id AS by_id
    FROM entry_half AS e
    INNER JOIN counter_half AS c
        ON
            c.job_id = e.job_id
            AND c.amount = -e.amount
            AND c.currency = e.currency
            AND (c.week_start <> e.week_start OR c.account_id <> e.account_id)
    LEFT JOIN walk AS own
        ON
            own.account_id = c.account_id
            AND own.currency = c.currency
            AND own.week_start = c.week_start
            AND own.job_id = c.job_id
            AND own.amount = -c.amount
            AND own.kind = 'entry'
    WHERE
        (c.answers IS NULL OR c.answers = CAST(e.entry_id AS VARCHAR))
        AND DATE_DIFF('microsecond', e.recorded_at, c.recorded_at) > -$skew_us
        AND DATE_DIFF('microsecond', e.recorded_at, c.recorded_at) <= $job_span_us
        AND own.entry_id IS NULL
    UNION
    SELECT e.*, c.row_number AS counter_row, c.entry_id AS by_id
    FROM entry_half AS e
    INNER JOIN counter_half AS c
        ON
            c.answers = CAST(e.entry_id AS VARCHAR)
            AND c.amount = -e.amount
            AND c.currency = e.currency
            AND (c.week_start <> e.week_start OR c.account_id <> e.account_id)
    WHERE DATE_DIFF('microsecond', e.recorded_at, c.recorded_at) > -$skew_us
),

at_home AS (
    SELECT DISTINCT p.entry_id
    FROM pair AS p
    INNER JOIN walk AS w
        ON
            w.account_id = p.account_id
            AND w.currency = p.currency
            AND w.week_start = p.week_start
            AND w.amount = -p.amount
            AND w.kind = 'counter'
    WHERE w.job_id = p.job_id OR w.answers = CAST(p.entry_id AS VARCHAR)
),

counted AS (
    SELECT
        row_number AS entry_row,
        counter_row,
        COUNT(*) OVER (PARTITION BY entry_id) AS answered_by,
        COUNT(*) OVER (PARTITION BY by_id) AS answers
    FROM pair
    WHERE entry_id NOT IN (SELECT h.entry_id FROM at_home AS h)
)

SELECT
    entry_row,
    counter_row
FROM counted
WHERE answered_by = 1 AND answers = 1 AND GREATEST(entry_row, counter_row) >= 0
ORDER BY entry_row, counter_row
