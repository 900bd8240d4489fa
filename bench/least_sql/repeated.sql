-- Whether an id stands there twice: none does if they ascend.
SELECT COUNT(*) FILTER (WHERE NOT is_above) AS steps_down
FROM (SELECT entry_id > LAG(entry_id) OVER () AS is_above FROM entries) AS neighbour
