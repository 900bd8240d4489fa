-- Counter-entries last: they refer to entries.
INSERT INTO settle.account BY NAME FROM old_account;

INSERT INTO settle.settlement BY NAME FROM old_settlement;

INSERT INTO settle.entry BY NAME FROM old_entry WHERE answers IS NULL ORDER BY entry_id;

INSERT INTO settle.entry BY NAME FROM old_entry WHERE answers IS NOT NULL ORDER BY entry_id;

DROP TABLE old_account;

DROP TABLE old_settlement;

DROP TABLE old_entry;

DROP TABLE old_next;
