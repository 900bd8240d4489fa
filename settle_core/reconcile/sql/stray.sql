-- The pairs of stray_pair that stand: no counter-entry and no late entry is in two of them.
SELECT
    entry_id,
    answers_id,
    answers_account_id,
    answers_date,
    stray_kind
FROM stray_pair
WHERE pair_number IN (SELECT UNNEST($chosen))
