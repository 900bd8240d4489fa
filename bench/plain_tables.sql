-- The tables of a book as they would be without its guards: the same columns, keys, foreign keys
-- and checks, and no trigger.
CREATE SCHEMA plain;

CREATE TABLE plain.account (LIKE settle.account INCLUDING ALL);

CREATE TABLE plain.entry (
    LIKE settle.entry INCLUDING ALL,
    FOREIGN KEY (account_id, currency) REFERENCES plain.account,
    FOREIGN KEY (answers) REFERENCES plain.entry
);

INSERT INTO plain.account SELECT * FROM settle.account;
