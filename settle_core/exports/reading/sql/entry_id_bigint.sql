-- All accepted ids are whole numbers; of rejected rows, which are gone, DuckDB still casts the
-- values.
ALTER TABLE stored_entry ALTER COLUMN entry_id TYPE BIGINT USING TRY_CAST(entry_id AS BIGINT)
