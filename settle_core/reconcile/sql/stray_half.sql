-- Each half of the pairs in stray, by its id, with each row that it is paired with.
SELECT
    entry_id AS half_id,
    pair_number,
    stray_kind,
    is_same_week,
    answers_id AS other_id
FROM stray
UNION ALL
SELECT
    answers_id AS half_id,
    pair_number,
    stray_kind,
    is_same_week,
    entry_id AS other_id
FROM stray
