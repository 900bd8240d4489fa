-- The weeks that were not settled at their sum, with what is left of the settled amount.
SELECT
    s.account_id,
    s.week,
    s.minor - COALESCE(w.timely_minor, 0) AS left_minor
FROM whole_settlement AS s
LEFT JOIN week_state AS w ON w.account_id = s.account_id AND w.week = s.week
WHERE s.minor - COALESCE(w.timely_minor, 0) <> 0
