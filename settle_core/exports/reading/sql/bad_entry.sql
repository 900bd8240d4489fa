-- Entries with a required value that could not be read (first_row is NULL), and those that repeat
-- the id of an earlier row (first_row says which; none where each is there once). Rows are numbered
-- from 0.
CREATE TABLE bad_entry AS
WITH repeated AS (
    SELECT
        entry_id,
        MIN(rowid) AS first_row
    FROM stored_entry
    WHERE entry_id IS NOT NULL AND NOT $is_unique
    GROUP BY entry_id
    HAVING COUNT(*) > 1
)

SELECT
    e.rowid AS row_number,
    r.first_row,
    CASE
        WHEN e.entry_id IS NULL THEN 'entry_id'
        WHEN r.first_row IS NOT NULL THEN 'repeated'
        WHEN e.account_id IS NULL THEN 'account_id'
        WHEN e.effective_date IS NULL THEN 'effective_date'
        WHEN e.amount IS NULL THEN 'amount'
        WHEN e.kind IS NULL THEN 'kind'
        ELSE 'recorded_at'
    END AS unread
FROM stored_entry AS e
LEFT JOIN repeated AS r ON r.entry_id = e.entry_id AND r.first_row <> e.rowid
WHERE
    r.first_row IS NOT NULL
    OR e.entry_id IS NULL
    OR e.account_id IS NULL
    OR e.effective_date IS NULL
    OR e.amount IS NULL
    OR e.kind IS NULL
    OR e.recorded_at IS NULL
ORDER BY e.rowid
