-- In a transaction of the caller's: what the book must hold it holds now, not first at the commit.
SET CONSTRAINTS settle.entry_week, settle.settlement_week IMMEDIATE;
SET CONSTRAINTS settle.entry_week, settle.settlement_week DEFERRED
