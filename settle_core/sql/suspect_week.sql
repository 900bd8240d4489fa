-- Weeks that need more than a clean walk: some day was balanced in no way that the profile allows, and
-- the week as a whole does not hold either where weeks are what is balanced.
SELECT
    account_id,
    currency,
    week_start
FROM late_week
WHERE
    NOT (
        (days_plain AND $level <> 'week')
        OR (week_even AND week_sum_holds AND $policy <> 'delta' AND $level <> 'day')
    )
