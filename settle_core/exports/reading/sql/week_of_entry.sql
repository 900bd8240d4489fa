-- Each entry with its week, for closings.
SELECT
    *,
    WEEK_OF(effective_date, $week_offset_days) AS week_start
FROM closed_entry
