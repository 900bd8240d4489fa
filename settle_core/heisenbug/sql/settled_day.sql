-- What a day must sum to: its rows when its week was settled.
SELECT COALESCE(SUM(l.amount), 0)
FROM settlements AS s
LEFT JOIN ledgers AS l
    ON l.user_id = s.user_id AND l.date = $date AND l.created_at <= s.settled_at
WHERE s.user_id = $user_id AND s.week_start = date_trunc('week', $date::date)::date
