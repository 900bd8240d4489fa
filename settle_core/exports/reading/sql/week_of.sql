-- The first day of a day's week; weeks begin offset_days after Monday.
CREATE MACRO week_of(day, offset_days) AS
CAST(DATE_TRUNC('week', day - CAST(offset_days AS INTEGER)) AS DATE) + CAST(offset_days AS INTEGER)
