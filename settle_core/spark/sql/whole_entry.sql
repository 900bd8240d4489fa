-- The entries of pass_entry.sql in whole numbers: minor units, days and microseconds since 1970,
-- and the first day of the week by the weekday on which settled weeks begin.
SELECT
    entry_id,
    account_id,
    day,
    day - ((day - $first_day) % 7 + 7) % 7 AS week,
    minor,
    kind,
    recorded_us,
    answers
FROM (
    SELECT
        entry_id,
        account_id,
        CAST(DATE_DIFF('day', DATE '1970-01-01', effective_date) AS BIGINT) AS day,
        CAST(
            CAST(amount * CAST($minor_per_major AS DECIMAL(9, 0)) AS DECIMAL(38, 0)) AS BIGINT
        ) AS minor,
        CAST(kind AS BIGINT) AS kind,
        CAST(
            DATE_DIFF('microsecond', TIMESTAMP '1970-01-01 00:00:00', recorded_at) AS BIGINT
        ) AS recorded_us,
        answers
    FROM pass_entry
) AS numbered
