-- The same by the numbers of the rows in their file, where all that it may tell is text: no id is
-- read again.
SELECT
    p.entry_id,
    n.attempt,
    n.answers,
    n.run_id,
    CAST(NULL AS money) AS observed,
    n.last_seen,
    CAST(NULL AS TIMESTAMP) AS committed_at
FROM numbered_told AS n
INNER JOIN passed_row AS p ON p.file_row = n.row_number
WHERE
    n.attempt IS NOT NULL
    OR n.answers IS NOT NULL
    OR n.run_id IS NOT NULL
    OR n.last_seen IS NOT NULL
