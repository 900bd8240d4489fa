ALTER TABLE stored_settlement ALTER COLUMN account_id TYPE VARCHAR
