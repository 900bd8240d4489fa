-- Every entry with the first day of its week.
SELECT
    week_of(effective_date, $week_offset_days) AS archived_week,
    *
FROM entry
