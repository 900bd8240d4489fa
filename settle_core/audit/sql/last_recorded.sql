SELECT MAX(instant) AS last_recorded
FROM (
    SELECT MAX(recorded_at) AS instant FROM entry
    UNION ALL
    SELECT MAX(settled_at) AS instant FROM settlement
)
