-- THE rule of balancing: a late entry is answered by one counter-entry, of its day and of minus its
-- amount, once. `observed` is the sum of its day as read here and now, `last_seen` the last row in it.
WITH late AS (
    SELECT
        e.entry_id,
        e.account_id,
        e.currency,
        e.week_start,
        e.effective_date,
        e.amount
    FROM settle.entry AS e
    INNER JOIN settle.settlement AS s
        ON
            s.account_id = e.account_id
            AND s.currency = e.currency
            AND s.week_start = e.week_start
    WHERE
        e.entry_id = ANY($entry_ids)
        AND e.kind = 'entry'
        AND e.recorded_at > s.settled_at
        AND NOT EXISTS (SELECT 1 FROM settle.entry AS c WHERE c.answers = e.entry_id)
),

late_week AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start
    FROM late
),

row_of_week AS (
    SELECT
        r.entry_id,
        r.account_id,
        r.currency,
        r.week_start,
        r.effective_date,
        r.amount,
        r.recorded_at
    FROM late_week AS w
    INNER JOIN settle.entry AS r
        ON
            r.account_id = w.account_id
            AND r.currency = w.currency
            AND r.week_start = w.week_start
),

week AS (
    SELECT
        account_id,
        currency,
        week_start,
        MAX(recorded_at) AS recorded_at
    FROM row_of_week
    GROUP BY account_id, currency, week_start
),

day AS (
    SELECT
        account_id,
        currency,
        effective_date,
        SUM(amount) AS observed,
        MAX(entry_id) AS last_seen
    FROM row_of_week
    GROUP BY account_id, currency, effective_date
)

INSERT INTO settle.entry (
    account_id, currency, week_start, effective_date, amount, kind, recorded_at, job_id, attempt,
    answers, observed, last_seen
)
SELECT
    l.account_id,
    l.currency,
    l.week_start,
    l.effective_date,
    -l.amount,
    'counter',
    GREATEST(settle.clock(), w.recorded_at + INTERVAL '1 microsecond'),
    CAST($job_id AS VARCHAR),
    CAST($attempt AS INTEGER),
    l.entry_id,
    d.observed,
    d.last_seen
FROM late AS l
INNER JOIN week AS w
    ON
        w.account_id = l.account_id
        AND w.currency = l.currency
        AND w.week_start = l.week_start
INNER JOIN day AS d
    ON
        d.account_id = l.account_id
        AND d.currency = l.currency
        AND d.effective_date = l.effective_date
ORDER BY l.entry_id
RETURNING entry_id, answers, account_id, effective_date, amount, currency
