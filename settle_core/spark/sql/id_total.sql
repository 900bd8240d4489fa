-- How many ids are there more than once, and how many gaps there are within blocks of ids.
SELECT
    CAST(COUNT(*) FILTER (WHERE previous_id = entry_id) AS BIGINT) AS repeats,
    CAST(COUNT(*) FILTER (WHERE previous_id < entry_id - 1) AS BIGINT) AS gaps
FROM id_step
