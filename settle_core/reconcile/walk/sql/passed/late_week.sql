-- As steps/late_week.sql.
SELECT
    account_id,
    currency,
    week_start,
    days,
    counters,
    days_even,
    day_sum_holds,
    day_delta_holds,
    days_hold,
    days_plain,
    stray_days,
    off_days,
    held_days,
    sum_days,
    delta_days,
    delta_hints,
    week_sum_holds,
    week_even,
    last_recorded_at
FROM passed_of_week
