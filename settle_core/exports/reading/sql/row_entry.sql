-- What was exported in each row that is not accepted, as text, with its place: the number of the
-- row among all of its file, from 0, and its line where the file was split. Of one file of Parquet
-- some rows may be chosen: then its number tells the place.
WITH numbered AS (
    SELECT
        CASE WHEN $are_chosen THEN file_row ELSE ROW_NUMBER() OVER () - 1 END AS row_index,
        *
    FROM raw_entry
),

kept AS (
    SELECT
        CASE
            WHEN $are_chosen THEN file_row ELSE ROW_NUMBER() OVER () - 1 + $rows_before
        END AS row_number,
        *
    FROM numbered
    WHERE set_aside IS NULL
),

-- Of an id that is repeated, the first row is looked up too: it is named where it is told.
first_row AS (
    SELECT DISTINCT first_row AS row_number
    FROM bad_entry
    WHERE first_row IS NOT NULL
)

SELECT
    k.row_number,
    k.row_index,
    k.line,
    b.first_row,
    b.unread,
    f.row_number IS NOT NULL AS is_first,
    k.row_text,
    CAST(k.entry_id AS VARCHAR) AS entry_id,
    CAST(k.account_id AS VARCHAR) AS account_id,
    CAST(k.effective_date AS VARCHAR) AS effective_date,
    CAST(k.amount AS VARCHAR) AS amount,
    CAST(k.amount_other AS VARCHAR) AS amount_other,
    k.direction,
    CAST(k.kind AS VARCHAR) AS kind,
    CAST(k.recorded_at AS VARCHAR) AS recorded_at,
    CAST(k.currency AS VARCHAR) AS currency
FROM kept AS k
LEFT JOIN bad_entry AS b ON b.row_number = k.row_number
LEFT JOIN first_row AS f ON f.row_number = k.row_number
WHERE b.row_number IS NOT NULL OR f.row_number IS NOT NULL
ORDER BY k.row_index
