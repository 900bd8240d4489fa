-- How many rows there are of the settled weeks that are told.
SELECT COUNT(*) AS row_count
FROM entry AS e
INNER JOIN audited_week AS a
    ON
        a.account_id = e.account_id
        AND a.currency = e.currency
        AND a.week_start = week_of(e.effective_date, $week_offset_days)
WHERE
    a.week_start >= $first_told
    AND a.week_start <= $last_told
    AND e.effective_date >= $first_told
    AND e.effective_date <= $last_told + 6
    AND e.recorded_at <= $as_of
