-- The export's settlements, with what was planted: amounts that are off, second settlements.
SELECT
    CAST(s.account_id AS VARCHAR) AS account_id,
    s.currency,
    s.week_start,
    CAST(
        s.settled_amount
        - CAST(COALESCE(d.settled_off, 0) AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8))
        AS money
    ) AS settled_amount,
    s.settled_at
FROM settlement AS s
LEFT JOIN settlement_edit AS d
    ON
        NOT d.is_second
        AND CAST(d.account_id AS VARCHAR) = CAST(s.account_id AS VARCHAR)
        AND CAST(d.currency AS VARCHAR) = s.currency
        AND CAST(d.week_start AS DATE) = s.week_start
UNION ALL
SELECT
    CAST(s.account_id AS VARCHAR) AS account_id,
    s.currency,
    s.week_start,
    CAST(
        s.settled_amount
        - CAST(d.settled_off AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money
    ) AS settled_amount,
    s.settled_at + INTERVAL 1 HOUR AS settled_at
FROM settlement AS s
INNER JOIN settlement_edit AS d
    ON
        d.is_second
        AND CAST(d.account_id AS VARCHAR) = CAST(s.account_id AS VARCHAR)
        AND CAST(d.currency AS VARCHAR) = s.currency
        AND CAST(d.week_start AS DATE) = s.week_start
