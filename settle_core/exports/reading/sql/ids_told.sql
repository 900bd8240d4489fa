-- Ids as they are exported; see ids_whole.sql.
CREATE OR REPLACE MACRO id_of(value) AS value
