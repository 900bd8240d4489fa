-- The day on which an instant falls where the clock is; a day begins that many minutes after
-- midnight.
CREATE OR REPLACE MACRO local_day(instant, minutes) AS
CAST(
    CAST(TIMEZONE('UTC', instant) AS TIMESTAMP) - TO_MINUTES(CAST(minutes AS BIGINT)) AS DATE
)
