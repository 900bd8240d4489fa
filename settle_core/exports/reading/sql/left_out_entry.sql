-- Entries of a file that is read where it lies and that cannot be accepted, as bad_entry.sql has
-- them: those of the numbers in unread_row, and those that repeat an id of the keys in passed_key.
CREATE TABLE bad_entry AS
WITH keyed AS MATERIALIZED (
    SELECT
        entry_id,
        row_number
    FROM told_row
    WHERE id_key IN (SELECT p.id_key FROM passed_key AS p)
),

repeated AS (
    SELECT
        entry_id,
        MIN(row_number) AS first_row
    FROM keyed
    GROUP BY entry_id
    HAVING COUNT(*) > 1
),

left_out AS MATERIALIZED (
    SELECT
        k.row_number,
        r.first_row
    FROM keyed AS k
    INNER JOIN repeated AS r ON r.entry_id = k.entry_id AND r.first_row <> k.row_number
    UNION ALL
    SELECT
        u.number AS row_number,
        NULL AS first_row
    FROM unread_row AS u
    WHERE
        u.number NOT IN (
            SELECT k.row_number
            FROM keyed AS k
            INNER JOIN repeated AS r ON r.entry_id = k.entry_id AND r.first_row <> k.row_number
        )
)

SELECT
    e.row_number,
    b.first_row,
    CASE
        WHEN e.entry_id IS NULL THEN 'entry_id'
        WHEN b.first_row IS NOT NULL THEN 'repeated'
        WHEN e.account_id IS NULL THEN 'account_id'
        WHEN e.effective_date IS NULL THEN 'effective_date'
        WHEN e.amount IS NULL THEN 'amount'
        WHEN e.kind IS NULL THEN 'kind'
        ELSE 'recorded_at'
    END AS unread
FROM told_row AS e
INNER JOIN left_out AS b ON b.row_number = e.row_number
ORDER BY e.row_number
