-- What the headers of the rules say of their breaks.
CREATE OR REPLACE TABLE ruled.kind AS
SELECT
    UNNEST(CAST($rules AS VARCHAR [])) AS rule,
    UNNEST(CAST($severities AS VARCHAR [])) AS severity,
    UNNEST(CAST($of_rows AS BOOLEAN [])) AS is_of_rows,
    UNNEST(CAST($parts AS BOOLEAN [])) AS is_part_of_residual,
    UNNEST(CAST($sums AS BOOLEAN [])) AS is_sum
