ALTER TABLE stored_entry ALTER COLUMN account_id TYPE VARCHAR;
ALTER TABLE stored_settlement ALTER COLUMN account_id TYPE VARCHAR
