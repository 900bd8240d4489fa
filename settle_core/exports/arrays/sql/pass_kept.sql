-- What else the pass asks of the rows that it keeps: their ids, and their places in the order of
-- these, by which it goes on; the place of the row that they answer, as pass_entry.sql has it; and
-- their jobs.
WITH kept AS MATERIALIZED (
    SELECT
        row_number,
        entry_id,
        answers,
        job_id
    FROM told_row
    WHERE row_number IN (SELECT p.number FROM passed_number AS p)
),

placed AS MATERIALIZED (
    SELECT
        *,
        ROW_NUMBER() OVER (ORDER BY entry_id) - 1 AS place
    FROM kept
)

SELECT
    p.row_number,
    p.entry_id,
    p.place,
    CASE
        WHEN p.answers IS NULL THEN CAST(-9223372036854775808 AS BIGINT)
        ELSE COALESCE(a.place, CAST(-9223372036854775807 AS BIGINT))
    END AS answers,
    COALESCE(p.job_id, '') AS job_id
FROM placed AS p
LEFT JOIN placed AS a ON CAST(a.entry_id AS VARCHAR) = p.answers
ORDER BY p.row_number
