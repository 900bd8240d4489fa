-- How many entries there are, and how many of them are counter-entries.
SELECT
    COUNT(*) AS row_count,
    COUNT(*) FILTER (WHERE kind = 'counter') AS counter_count
FROM stored_entry
