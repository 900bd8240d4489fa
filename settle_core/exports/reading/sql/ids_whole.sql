-- Ids that look like whole numbers in the first rows. Text that is another one ('007') is NULL, and
-- the table is read again with its ids as they are: see whole_number_ids.sql.
CREATE OR REPLACE MACRO id_of(value) AS
CASE WHEN CAST(TRY_CAST(value AS BIGINT) AS VARCHAR) = value THEN TRY_CAST(value AS BIGINT) END
