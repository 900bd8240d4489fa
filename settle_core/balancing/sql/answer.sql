-- THE rule of balancing: a late entry is answered by one counter-entry, of its day and of minus
-- its amount, once. `observed` is the sum of its day as read here and now, `last_seen` the last
-- row in it.
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

late_day AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start,
        effective_date
    FROM late
),

witness AS (
    SELECT
        d.account_id,
        d.currency,
        d.effective_date,
        seen.observed,
        seen.last_seen,
        latest.recorded_at
    FROM late_day AS d
    CROSS JOIN LATERAL (
        SELECT
            SUM(r.amount) AS observed,
            MAX(r.entry_id) AS last_seen
        FROM settle.entry AS r
        WHERE
            r.account_id = d.account_id
            AND r.currency = d.currency
            AND r.week_start = d.week_start
            AND r.effective_date = d.effective_date
    ) AS seen
    CROSS JOIN LATERAL (
        SELECT MAX(r.recorded_at) AS recorded_at
        FROM settle.entry AS r
        WHERE
            r.account_id = d.account_id
            AND r.currency = d.currency
            AND r.week_start = d.week_start
    ) AS latest
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
    w.observed,
    w.last_seen
FROM late AS l
INNER JOIN witness AS w
    ON
        w.account_id = l.account_id
        AND w.currency = l.currency
        AND w.effective_date = l.effective_date
ORDER BY l.entry_id
RETURNING entry_id, answers, account_id, effective_date, amount, currency
