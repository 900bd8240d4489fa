-- The export's entries, with the late rows that were planted, and what was edited or removed.
WITH last_id AS (
    SELECT MAX(TRY_CAST(CAST(entry_id AS VARCHAR) AS BIGINT)) AS id FROM entry
),

added AS (
    SELECT
        p.*,
        CASE
            WHEN $ids_are_numbers
                THEN CAST(l.id + ROW_NUMBER() OVER (ORDER BY p.order_us, p.key) AS VARCHAR)
            ELSE 'planted-' || MD5(CAST(p.key AS VARCHAR))
        END AS entry_id
    FROM planted_row AS p
    CROSS JOIN last_id AS l
)

SELECT
    CAST(e.entry_id AS VARCHAR) AS entry_id,
    CAST(e.account_id AS VARCHAR) AS account_id,
    COALESCE(CAST(d.effective_date AS DATE), e.effective_date) AS effective_date,
    CAST(
        e.amount + CAST(COALESCE(d.off, 0) AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8))
        AS money
    ) AS amount,
    e.kind,
    e.recorded_at,
    e.job_id,
    e.attempt,
    e.answers,
    e.currency
FROM entry AS e
LEFT JOIN edit AS d ON CAST(d.entry_id AS VARCHAR) = CAST(e.entry_id AS VARCHAR)
WHERE d.is_removed IS DISTINCT FROM TRUE
UNION ALL
SELECT
    a.entry_id,
    CAST(a.account_id AS VARCHAR) AS account_id,
    CAST(a.effective_date AS DATE) AS effective_date,
    CAST(CAST(a.amount AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money) AS amount,
    CAST(a.kind AS VARCHAR) AS kind,
    MAKE_TIMESTAMP(a.recorded_us) AS recorded_at,
    CAST(a.job_id AS VARCHAR) AS job_id,
    CASE WHEN $has_attempts THEN CAST(a.attempt AS VARCHAR) END AS attempt,
    b.entry_id AS answers,
    CAST(a.currency AS VARCHAR) AS currency
FROM added AS a
LEFT JOIN added AS b ON b.key = a.answers
