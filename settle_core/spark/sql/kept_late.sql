-- The late rows, as they are kept.
SELECT * FROM late_row
