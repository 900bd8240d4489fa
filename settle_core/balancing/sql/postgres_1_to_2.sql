-- Version 1: no corrections; text compared as the database's collation has it, and in the oldest
-- ones no views.
DROP VIEW IF EXISTS settle.entries;

DROP VIEW IF EXISTS settle.settlements;

DROP INDEX settle.entry_of_week;

ALTER TABLE settle.entry
DROP CONSTRAINT entry_account_id_currency_fkey,
DROP CONSTRAINT entry_kind_check;

ALTER TABLE settle.settlement DROP CONSTRAINT settlement_account_id_currency_fkey;

ALTER TABLE settle.book ALTER COLUMN currency TYPE text COLLATE "C";

ALTER TABLE settle.account
ALTER COLUMN account_id TYPE text COLLATE "C",
ALTER COLUMN currency TYPE text COLLATE "C";

ALTER TABLE settle.settlement
ALTER COLUMN account_id TYPE text COLLATE "C",
ALTER COLUMN currency TYPE text COLLATE "C",
ADD FOREIGN KEY (account_id, currency) REFERENCES settle.account;

ALTER TABLE settle.entry
ALTER COLUMN account_id TYPE text COLLATE "C",
ALTER COLUMN currency TYPE text COLLATE "C",
ALTER COLUMN idempotency_key TYPE text COLLATE "C",
ADD FOREIGN KEY (account_id, currency) REFERENCES settle.account,
ADD CHECK (kind IN ('entry', 'counter', 'correction')),
ADD CHECK (kind <> 'correction' OR idempotency_key IS NOT NULL);

CREATE INDEX entry_of_week ON settle.entry (account_id, currency, week_start, recorded_at);

UPDATE settle.book SET version = 2
