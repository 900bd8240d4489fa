-- One position for each account's settled week: a row in time that the next one by id, which is in
-- time for a settled week too, follows.
WITH neighbour AS (
    SELECT
        entry_id AS place,
        account_id,
        CAST(DATE_TRUNC('week', effective_date) AS DATE) AS week_start,
        key < $in_time AS is_in_time,
        LEAD(key) OVER (ORDER BY entry_id) < $in_time AS is_next_in_time,
        LEAD(effective_date) OVER (ORDER BY entry_id) < $last_week AS is_next_settled
    FROM whole
)

SELECT MIN(place) AS place, account_id, week_start
FROM neighbour
WHERE is_in_time AND is_next_in_time AND is_next_settled AND week_start < $last_week
GROUP BY account_id, week_start
ORDER BY place
