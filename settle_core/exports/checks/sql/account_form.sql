-- How many accounts of the sample's settlements have entries, as their ids stand, and without what
-- programs add to an id or take away: case, spaces, quotes, leading zeros, ".0", digits after the
-- fifteenth.
WITH settled AS (
    SELECT DISTINCT CAST(account_id AS VARCHAR) AS account_id
    FROM sampled_week
    WHERE currency = $currency OR $currency = ''
),

written AS (
    SELECT DISTINCT CAST(account_id AS VARCHAR) AS account_id
    FROM entry
),

plain_written AS (
    SELECT
        MIN(account_id) AS account_id,
        SUBSTR(
            REGEXP_REPLACE(
                REGEXP_REPLACE(LOWER(account_id), '[^\pL\pN.]', '', 'g'), '^0+|\.0*$', '', 'g'
            ), 1, 15
        ) AS plain_id
    FROM written
    GROUP BY plain_id
),

plain_settled AS (
    SELECT
        account_id,
        SUBSTR(
            REGEXP_REPLACE(
                REGEXP_REPLACE(LOWER(account_id), '[^\pL\pN.]', '', 'g'), '^0+|\.0*$', '', 'g'
            ), 1, 15
        ) AS plain_id
    FROM settled
)

SELECT
    CAST(COUNT(*) AS BIGINT) AS accounts,
    CAST(COUNT(w.account_id) AS BIGINT) AS shared,
    CAST(COUNT(p.account_id) AS BIGINT) AS alike,
    MIN(s.account_id) FILTER (WHERE w.account_id IS NULL) AS settled_example,
    ARG_MIN(p.account_id, s.account_id) FILTER (WHERE w.account_id IS NULL) AS written_example,
    (SELECT MIN(account_id) FROM written) AS any_written
FROM plain_settled AS s
LEFT JOIN written AS w ON w.account_id = s.account_id
LEFT JOIN plain_written AS p ON p.plain_id = s.plain_id
