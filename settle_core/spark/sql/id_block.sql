-- The ends of each block of ids.
SELECT
    CAST(MIN(entry_id) AS BIGINT) AS first_id,
    CAST(MAX(entry_id) AS BIGINT) AS last_id
FROM id_step
GROUP BY block
