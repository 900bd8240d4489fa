-- The exported values of some rows, by their number from 0, as text.
WITH numbered AS (
    SELECT
        ROW_NUMBER() OVER () - 1 AS row_number,
        *
    FROM raw_settlement
)

SELECT
    row_number,
    CAST(account_id AS VARCHAR) AS account_id,
    CAST(week_start AS VARCHAR) AS week_start,
    CAST(settled_amount AS VARCHAR) AS settled_amount,
    CAST(settled_at AS VARCHAR) AS settled_at
FROM numbered
WHERE LIST_CONTAINS($row_numbers, row_number)
