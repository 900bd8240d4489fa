-- As row_entry.sql, of settlements.
WITH numbered AS (
    SELECT
        ROW_NUMBER() OVER () - 1 AS row_index,
        *
    FROM raw_settlement
),

kept AS (
    SELECT
        ROW_NUMBER() OVER () - 1 + $rows_before AS row_number,
        *
    FROM numbered
    WHERE set_aside IS NULL
)

SELECT
    k.row_number,
    k.row_index,
    k.line,
    b.first_row,
    b.unread,
    FALSE AS is_first,
    k.row_text,
    CAST(k.account_id AS VARCHAR) AS account_id,
    CAST(k.week_start AS VARCHAR) AS week_start,
    CAST(k.first_day AS VARCHAR) AS first_day,
    CAST(k.settled_amount AS VARCHAR) AS settled_amount,
    CAST(k.amount_other AS VARCHAR) AS amount_other,
    k.direction,
    CAST(k.settled_at AS VARCHAR) AS settled_at,
    CAST(k.currency AS VARCHAR) AS currency
FROM kept AS k
INNER JOIN bad_settlement AS b ON b.row_number = k.row_number
ORDER BY k.row_index
