-- All rows with their ids, in the order of order_us. After each of the positions $gaps three ids
-- are left out.
WITH every AS (
    SELECT
        key,
        account_id,
        effective_date,
        amount,
        'entry' AS kind,
        recorded_us,
        recorded_us AS order_us,
        CAST(NULL AS VARCHAR) AS job_id,
        CAST(NULL AS BIGINT) AS attempt
    FROM seed
    UNION ALL
    SELECT
        key,
        CAST(account_id AS BIGINT) AS account_id,
        CAST(effective_date AS DATE) AS effective_date,
        amount,
        CAST(kind AS VARCHAR) AS kind,
        recorded_us,
        order_us,
        CAST(job_id AS VARCHAR) AS job_id,
        attempt
    FROM late
),

numbered AS (
    SELECT
        *,
        ROW_NUMBER() OVER (ORDER BY order_us, key) AS position
    FROM every
)

SELECT
    key,
    account_id,
    effective_date,
    amount,
    kind,
    recorded_us,
    job_id,
    attempt,
    position + 3 * LEN(LIST_FILTER(CAST($gaps AS BIGINT[]), LAMBDA g: g < position)) AS entry_id
FROM numbered
