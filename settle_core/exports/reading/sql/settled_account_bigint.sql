-- As the accounts of the entries, which are not stored.
ALTER TABLE stored_settlement ALTER COLUMN account_id TYPE BIGINT
