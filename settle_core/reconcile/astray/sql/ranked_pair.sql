SELECT
    pair_number,
    entry_id,
    answers_id
FROM stray_pair
ORDER BY pair_number
