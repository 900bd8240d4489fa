-- The exported values of some rows, by their number from 0, as text.
WITH numbered AS (
    SELECT
        ROW_NUMBER() OVER () - 1 AS row_number,
        *
    FROM raw_entry
)

SELECT
    row_number,
    CAST(entry_id AS VARCHAR) AS entry_id,
    CAST(account_id AS VARCHAR) AS account_id,
    CAST(effective_date AS VARCHAR) AS effective_date,
    CAST(amount AS VARCHAR) AS amount,
    CAST(kind AS VARCHAR) AS kind,
    CAST(recorded_at AS VARCHAR) AS recorded_at
FROM numbered
WHERE LIST_CONTAINS($row_numbers, row_number)
