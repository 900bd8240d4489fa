SELECT
    pair_number,
    is_sure,
    is_in_time,
    entry_ids,
    answers_ids
FROM stray_fit
ORDER BY is_sure DESC, pair_number DESC
