-- What each settled week of the sample would be by another reading of the same files. `name` says
-- which: days_N, the week begins N days later; weeks_A_B, weeks A to B count, this one is 0;
-- balance, settled amounts are running balances; plain_ids, accounts without their form; swapped,
-- day and month; entry_balance, amounts of entries are running balances; whenever, also what was
-- recorded after the settlement.
WITH counted AS (
    SELECT
        account_id,
        currency,
        effective_date,
        amount,
        recorded_at,
        CAST(
            DATE_TRUNC('week', effective_date - CAST($week_offset_days AS INTEGER)) AS DATE
        ) + CAST($week_offset_days AS INTEGER) AS week_start
    FROM entry
    WHERE account_id IN (SELECT s.account_id FROM sampled_week AS s)
),

bucket AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        s.settled_at,
        s.week_start + 7 * CAST(n.number AS INTEGER) AS other_week
    FROM sampled_week AS s
    CROSS JOIN (SELECT UNNEST(RANGE(-4, 5)) AS number) AS n
),

day_sum AS (
    SELECT
        b.account_id,
        b.currency,
        b.week_start,
        DATE_DIFF('day', b.week_start, c.effective_date) AS day_number,
        SUM(c.amount) FILTER (WHERE c.recorded_at <= b.settled_at) AS amount,
        SUM(c.amount) AS amount_now
    FROM bucket AS b
    INNER JOIN counted AS c
        ON
            c.account_id = b.account_id
            AND c.currency = b.currency
            AND c.week_start = b.other_week
    GROUP BY ALL
),

kind_of_week AS (
    SELECT
        'days_' || CAST(number AS VARCHAR) AS name,
        number AS first_day,
        number + 6 AS last_day
    FROM (SELECT UNNEST(RANGE(-7, 8)) AS number)
    UNION ALL
    VALUES ('weeks_0_1', 0, 13), ('weeks_-1_0', -7, 6), ('weeks_0_3', 0, 27), ('weeks_-3_0', -21, 6)
),

other_week AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        k.name,
        COALESCE(SUM(d.amount), 0) AS read_amount
    FROM sampled_week AS s
    CROSS JOIN kind_of_week AS k
    LEFT JOIN day_sum AS d
        ON
            d.account_id = s.account_id
            AND d.currency = s.currency
            AND d.week_start = s.week_start
            AND d.day_number BETWEEN k.first_day AND k.last_day
    GROUP BY ALL
    UNION ALL
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        'whenever' AS name,
        COALESCE(SUM(d.amount_now), 0) AS read_amount
    FROM sampled_week AS s
    LEFT JOIN day_sum AS d
        ON
            d.account_id = s.account_id
            AND d.currency = s.currency
            AND d.week_start = s.week_start
            AND d.day_number BETWEEN 0 AND 6
    GROUP BY ALL
),

settled_before AS (
    SELECT
        account_id,
        currency,
        week_start + 7 AS week_start,
        ARG_MIN(settled_amount, ROW(settled_at, settled_amount)) AS settled_amount
    FROM settlement
    WHERE account_id IN (SELECT s.account_id FROM sampled_week AS s)
    GROUP BY account_id, currency, week_start
),

balance AS (
    SELECT
        w.account_id,
        w.currency,
        w.week_start,
        w.settled_amount - COALESCE(b.settled_amount, 0) AS settled_amount,
        'balance' AS name,
        w.read_amount
    FROM read_week AS w
    LEFT JOIN settled_before AS b
        ON
            b.account_id = w.account_id
            AND b.currency = w.currency
            AND b.week_start = w.week_start
),

swapped AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        'swapped' AS name,
        COALESCE(SUM(c.amount) FILTER (WHERE c.recorded_at <= s.settled_at), 0) AS read_amount
    FROM sampled_week AS s
    LEFT JOIN counted AS c
        ON
            c.account_id = s.account_id
            AND c.currency = s.currency
            AND CASE
                WHEN DAY(c.effective_date) <= 12
                    THEN
                        MAKE_DATE(
                            YEAR(c.effective_date), DAY(c.effective_date), MONTH(c.effective_date)
                        )
            END BETWEEN s.week_start AND s.week_start + 6
    WHERE (SELECT MAX(DAY(e.effective_date)) FROM entry AS e) <= 12
    GROUP BY ALL
),

step_of_balance AS (
    SELECT
        account_id,
        currency,
        week_start,
        recorded_at,
        amount - COALESCE(
            LAG(amount) OVER (
                PARTITION BY account_id, currency ORDER BY recorded_at, effective_date
            ), 0
        ) AS amount
    FROM counted
),

entry_balance AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        'entry_balance' AS name,
        COALESCE(SUM(b.amount) FILTER (WHERE b.recorded_at <= s.settled_at), 0) AS read_amount
    FROM sampled_week AS s
    LEFT JOIN step_of_balance AS b
        ON
            b.account_id = s.account_id
            AND b.currency = s.currency
            AND b.week_start = s.week_start
    GROUP BY ALL
)

SELECT * FROM other_week
UNION ALL
SELECT * FROM balance
UNION ALL
SELECT * FROM swapped
UNION ALL
SELECT * FROM entry_balance
