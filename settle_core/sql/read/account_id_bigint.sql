-- As entry_id_bigint.sql; accounts of both tables are alike.
ALTER TABLE entry ALTER COLUMN account_id TYPE BIGINT USING TRY_CAST(account_id AS BIGINT);
ALTER TABLE settlement ALTER COLUMN account_id TYPE BIGINT USING TRY_CAST(account_id AS BIGINT)
