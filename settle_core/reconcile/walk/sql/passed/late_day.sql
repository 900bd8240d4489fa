-- As steps/late_day.sql.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    late_entries,
    counters,
    CAST(residual AS money) AS residual,
    sum_holds,
    delta_holds,
    pairs_hold,
    has_stray,
    is_clear,
    is_owed
FROM passed_day
