-- What a book of an earlier version holds, set beside it, and the book itself taken away.
CREATE TEMP TABLE old_account AS FROM settle.account;

CREATE TEMP TABLE old_settlement AS FROM settle.settlement;

CREATE TEMP TABLE old_entry AS FROM settle.entry;

CREATE TEMP TABLE old_next AS
SELECT COALESCE(last_value, start_value - 1) + 1 AS entry_id
FROM duckdb_sequences()
WHERE schema_name = 'settle' AND sequence_name = 'entry_number';

DROP SCHEMA settle CASCADE;
