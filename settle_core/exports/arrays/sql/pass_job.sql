-- The jobs of the rows that the pass keeps.
SELECT
    entry_id,
    job_id
FROM entry
WHERE job_id IS NOT NULL AND entry_id IN (SELECT p.entry_id FROM passed_id AS p)
