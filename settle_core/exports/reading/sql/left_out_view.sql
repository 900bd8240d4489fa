-- Entries of a file that is read where it lies, without those that cannot be accepted.
CREATE OR REPLACE VIEW stored_entry AS
SELECT t.*
FROM typed_entry AS t
ANTI JOIN bad_entry AS b ON b.row_number = t.file_row
