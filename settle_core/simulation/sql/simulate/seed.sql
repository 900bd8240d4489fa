-- Entries written in time: $per_week of each account and week. Hashes of their number spread them
-- over days, hours and amounts: the same in every run with one $seed, whatever the threads.
-- Every tenth amount is a round one, every eighth is negative. The last one ends the last week.
WITH numbered AS (
    SELECT
        n AS key,
        CAST(1 + (n // $per_week) % $accounts AS BIGINT) AS account_id,
        n // ($per_week * $accounts) AS week,
        HASH(n, $seed, 1) AS dice,
        HASH(n, $seed, 2) AS more_dice
    FROM RANGE($accounts * $weeks * $per_week) AS t (n)
),

placed AS (
    SELECT
        key,
        account_id,
        CAST(DATE '2026-01-05' + CAST(7 * week AS INTEGER) AS DATE) AS week_start,
        CASE
            WHEN key = $accounts * $weeks * $per_week - 1 THEN 6
            ELSE CAST(dice % 7 AS INTEGER)
        END AS weekday,
        CASE
            WHEN key = $accounts * $weeks * $per_week - 1 THEN 57600000000
            ELSE CAST((dice // 7) % 57600000000 AS BIGINT)
        END AS time_us,
        CAST(100 + more_dice % 249900 AS BIGINT) AS cents,
        (more_dice // 249900) % 10 = 0 AS is_round,
        (more_dice // 2499000) % 8 = 0 AS is_negative
    FROM numbered
)

SELECT
    key,
    account_id,
    week_start,
    week_start + weekday AS effective_date,
    CASE WHEN is_round THEN 1000 * (1 + cents // 1000) ELSE cents END
    * CASE WHEN is_negative THEN -1 ELSE 1 END AS amount,
    EPOCH_US(CAST(week_start + weekday AS TIMESTAMP)) + 21600000000 + time_us AS recorded_us
FROM placed
