-- Weeks of accounts, each with one entry in time and $late_per_week late ones that nothing answers.
WITH written AS (
    SELECT
        a.account_id,
        w.week,
        n.number,
        (a.account_id + n.number) % 7 AS day
    FROM RANGE($accounts) AS a (account_id)
    CROSS JOIN RANGE($weeks) AS w (week)
    CROSS JOIN RANGE($late_per_week + 1) AS n (number)
),

dated AS (
    SELECT
        account_id,
        number,
        DATE '2026-01-05' + CAST(7 * week + day AS INTEGER) AS effective_date,
        -- Uneven, so that hardly any two of a day cancel out.
        CAST(HASH(account_id, week, number) % 2000001 AS BIGINT) - 1000000 AS cents,
        TO_MICROSECONDS(account_id * 1000 + week * 100 + number) AS apart
    FROM written
)

SELECT
    ROW_NUMBER() OVER (ORDER BY number > 0, effective_date, account_id, number) AS entry_id,
    account_id,
    effective_date,
    CAST(cents * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 2)) AS amount,
    'entry' AS kind,
    CASE
        WHEN number = 0 THEN CAST(effective_date AS TIMESTAMP)
        ELSE $settled_at + INTERVAL '1 day' + TO_HOURS(number)
    END + apart AS recorded_at
FROM dated
ORDER BY entry_id
