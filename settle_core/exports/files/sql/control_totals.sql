-- Control totals of the rows of a file. The digest is a sum over rows, so it does not depend on
-- their order. It is made of the texts that PostgreSQL prints, so that the database can compute
-- the same.
WITH hashed AS (
    SELECT MD5(CONCAT_WS(CHR(31), *COLUMNS(*))) AS hash
    FROM (SELECT COALESCE(CAST(COLUMNS(*) AS VARCHAR), CHR(30)) FROM exported)
),

digested AS (
    SELECT
        CAST(
            COALESCE(SUM(CAST(CAST('0x' || SUBSTR(hash, 1, 15) AS BIGINT) AS HUGEINT)), 0)
            AS VARCHAR
        ) AS digest
    FROM hashed
),

totalled AS (
    SELECT
        COUNT(*) AS row_count,
        COALESCE(CAST(SUM(amount) AS VARCHAR), '0') AS amount,
        CAST(MIN(id) AS VARCHAR) AS first_id,
        CAST(MAX(id) AS VARCHAR) AS last_id
    FROM named
)

SELECT
    t.row_count,
    t.amount,
    t.first_id,
    t.last_id,
    d.digest
FROM totalled AS t
CROSS JOIN digested AS d
