SELECT
    pair_number,
    entry_id,
    answers_id
FROM stray_pair
WHERE NOT is_weak
ORDER BY pair_number
