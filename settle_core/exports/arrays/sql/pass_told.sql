-- Every entry as pass_entry.sql has it, where ids are text or in no order: with the number of its
-- row, what tells its id from others, and its account by number.
SELECT
    row_number,
    id_key,
    account_id,
    effective_date,
    amount,
    CASE kind
        WHEN 'entry' THEN CAST(0 AS UTINYINT)
        WHEN 'counter' THEN CAST(1 AS UTINYINT)
        WHEN 'correction' THEN CAST(2 AS UTINYINT)
    END AS kind,
    recorded_at
FROM pass_row
