-- Rows that were on the other side of their week's settlement than the clock says. None to begin
-- with: the cutoff finds them where the clock leaves a settled amount off.
SELECT entry_id
FROM entry
WHERE FALSE
