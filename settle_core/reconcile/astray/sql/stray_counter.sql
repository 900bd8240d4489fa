-- Counter-entries that may be the answer to late entries that nothing answers where they stand:
-- those that answer nothing themselves, and those that were in time for their own week, which
-- cannot owe one. Of the second such as have the amount of one that is missing, or the account of
-- a fault. are_as_many: of its account as many of this amount are missing as were in time. is_lone:
-- they are, or no other row waits for a counter-entry of this amount; and of its own week none has
-- been there that it may have been written for. is_at_home: there was such a one moments before.
WITH missing AS (
    SELECT
        account_id,
        currency,
        amount,
        COUNT(*) AS entries
    FROM judged_row
    WHERE role = 'uncountered'
    GROUP BY account_id, currency, amount
),

of_amount AS (
    SELECT DISTINCT
        currency,
        amount
    FROM missing
),

faulty AS (
    SELECT DISTINCT
        account_id,
        currency
    FROM judged_row
    WHERE role NOT IN ('late', 'right')
),

in_time AS (
    SELECT
        CAST(e.entry_id AS VARCHAR) AS entry_id,
        CAST(e.account_id AS VARCHAR) AS account_id,
        e.currency,
        e.effective_date,
        e.amount,
        e.recorded_at,
        e.job_id,
        e.answers
    FROM timely_counter AS e
    LEFT JOIN of_amount AS a ON a.currency = e.currency AND a.amount = -e.amount
    LEFT JOIN faulty AS f
        ON f.account_id = CAST(e.account_id AS VARCHAR) AND f.currency = e.currency
    WHERE a.currency IS NOT NULL OR f.currency IS NOT NULL
),

-- What has such an amount in the account, by one reading of all entries for both that ask.
alike AS MATERIALIZED (
    SELECT
        t.account_id,
        t.currency,
        e.effective_date,
        e.amount,
        e.kind,
        e.recorded_at
    FROM (SELECT DISTINCT account_id, currency, ABS(amount) AS size FROM in_time) AS t
    INNER JOIN entry AS e
        ON
            CAST(e.account_id AS VARCHAR) = t.account_id
            AND e.currency = t.currency
            AND ABS(e.amount) = t.size
            AND e.recorded_at <= $as_of
),

home AS (
    SELECT
        t.entry_id,
        BOOL_OR(DATE_DIFF('microsecond', e.recorded_at, t.recorded_at) <= $grace_us) AS is_near
    FROM in_time AS t
    INNER JOIN alike AS e
        ON
            e.account_id = t.account_id
            AND e.currency = t.currency
            AND e.amount = -t.amount
            AND e.kind = 'entry'
    WHERE
        week_of(e.effective_date, $week_offset_days) = week_of(t.effective_date, $week_offset_days)
        AND DATE_DIFF('microsecond', e.recorded_at, t.recorded_at) > -$skew_us
    GROUP BY t.entry_id
),

of_account AS (
    SELECT
        t.account_id,
        t.currency,
        t.amount,
        COUNT(*) FILTER (WHERE h.entry_id IS NULL) AS in_time
    FROM in_time AS t
    LEFT JOIN home AS h ON h.entry_id = t.entry_id
    GROUP BY t.account_id, t.currency, t.amount
),

waiting AS (
    SELECT
        a.account_id,
        a.currency,
        a.amount,
        a.in_time,
        COUNT(*) FILTER (WHERE e.amount = -a.amount AND e.kind = 'entry') AS entries,
        COUNT(*) FILTER (WHERE e.amount = a.amount AND e.kind = 'counter') AS counters
    FROM of_account AS a
    INNER JOIN alike AS e
        ON
            e.account_id = a.account_id
            AND e.currency = a.currency
            AND ABS(e.amount) = ABS(a.amount)
    GROUP BY a.account_id, a.currency, a.amount, a.in_time
)

SELECT
    entry_id,
    account_id,
    currency,
    week_start,
    effective_date,
    amount,
    recorded_at,
    job_id,
    answers,
    level,
    FALSE AS is_in_time,
    FALSE AS are_as_many,
    TRUE AS is_lone,
    FALSE AS is_at_home
FROM judged_row
WHERE role = 'orphan'

UNION ALL

SELECT
    t.entry_id,
    t.account_id,
    t.currency,
    week_of(t.effective_date, $week_offset_days) AS week_start,
    t.effective_date,
    t.amount,
    t.recorded_at,
    t.job_id,
    t.answers,
    '' AS level,
    TRUE AS is_in_time,
    w.in_time = COALESCE(m.entries, 0) AND h.entry_id IS NULL AS are_as_many,
    (w.entries <= w.counters OR w.in_time = COALESCE(m.entries, 0)) AND h.entry_id IS NULL
        AS is_lone,
    COALESCE(h.is_near, FALSE) AS is_at_home
FROM in_time AS t
INNER JOIN waiting AS w
    ON w.account_id = t.account_id AND w.currency = t.currency AND w.amount = t.amount
LEFT JOIN home AS h ON h.entry_id = t.entry_id
LEFT JOIN missing AS m
    ON m.account_id = t.account_id AND m.currency = t.currency AND m.amount = -t.amount
