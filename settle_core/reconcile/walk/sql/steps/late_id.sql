-- The ids of all late rows, those of finished weeks too.
SELECT entry_id FROM plain_late
UNION ALL
SELECT entry_id FROM late_row
