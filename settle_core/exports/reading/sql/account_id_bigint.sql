-- As entry_id_bigint.sql; accounts of both tables are alike.
ALTER TABLE stored_entry ALTER COLUMN account_id TYPE BIGINT USING TRY_CAST(account_id AS BIGINT);
ALTER TABLE stored_settlement ALTER COLUMN account_id TYPE BIGINT
    USING TRY_CAST(account_id AS BIGINT)
