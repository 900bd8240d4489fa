-- The tables of the check are not the ledger's.
DROP TABLE IF EXISTS sampled_week;
DROP TABLE IF EXISTS read_week;
DROP TABLE IF EXISTS other_reading
