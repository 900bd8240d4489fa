-- The gaps within blocks of ids.
SELECT
    previous_id,
    entry_id
FROM id_step
WHERE previous_id < entry_id - 1
