-- As left_out_view.sql, of few rows: no join mixes up the others.
SELECT *
FROM typed_entry
WHERE NOT LIST_CONTAINS($rows, file_row)
