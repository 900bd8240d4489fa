DROP VIEW closing_told;
DROP VIEW closed_entry;
DROP TABLE closing_row;
DROP TABLE dated_entry
