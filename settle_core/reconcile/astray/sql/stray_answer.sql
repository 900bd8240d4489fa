-- The counter-entries that are in no pair, each by itself; those together that one job wrote in one
-- moment for one place, as they may be one answer in parts; and those in a row that were in time,
-- as what is left may be owed to several together. is_chain: the last.
WITH left_over AS (
    SELECT *
    FROM stray_counter
    WHERE
        entry_id NOT IN (
            SELECT p.entry_id FROM stray_pair AS p WHERE p.pair_number IN (SELECT UNNEST($chosen))
        )
),

in_row AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY account_id, currency
            ORDER BY recorded_at, entry_id
        ) AS place
    FROM left_over
    WHERE is_in_time
)

SELECT
    entry_id AS answer_id,
    1 AS parts,
    account_id,
    currency,
    week_start,
    effective_date,
    level,
    amount,
    recorded_at,
    job_id,
    answers,
    is_in_time,
    are_as_many,
    is_lone,
    is_at_home,
    FALSE AS is_chain,
    [entry_id] AS entry_ids
FROM left_over
UNION ALL
SELECT
    MIN(entry_id) AS answer_id,
    COUNT(*) AS parts,
    account_id,
    currency,
    week_start,
    effective_date,
    level,
    CAST(SUM(amount) AS money) AS amount,
    MIN(recorded_at) AS recorded_at,
    job_id,
    MIN(answers) AS answers,
    is_in_time,
    FALSE AS are_as_many,
    FALSE AS is_lone,
    BOOL_OR(is_at_home) AS is_at_home,
    FALSE AS is_chain,
    LIST(entry_id ORDER BY entry_id) AS entry_ids
FROM left_over
WHERE job_id IS NOT NULL
GROUP BY account_id, currency, week_start, effective_date, level, job_id, is_in_time
HAVING
    COUNT(*) BETWEEN 2 AND $run_max
    AND DATE_DIFF('microsecond', MIN(recorded_at), MAX(recorded_at)) <= $moment_us
    AND COUNT(DISTINCT answers) <= 1
UNION ALL
SELECT
    MIN(b.entry_id) AS answer_id,
    COUNT(*) AS parts,
    a.account_id,
    a.currency,
    MIN(b.week_start) AS week_start,
    MIN(b.effective_date) AS effective_date,
    '' AS level,
    CAST(SUM(b.amount) AS money) AS amount,
    MIN(b.recorded_at) AS recorded_at,
    CAST(NULL AS VARCHAR) AS job_id,
    CAST(NULL AS VARCHAR) AS answers,
    TRUE AS is_in_time,
    FALSE AS are_as_many,
    FALSE AS is_lone,
    FALSE AS is_at_home,
    TRUE AS is_chain,
    LIST(b.entry_id ORDER BY b.place) AS entry_ids
FROM in_row AS a
CROSS JOIN (VALUES (2), (3)) AS n (size)
INNER JOIN in_row AS b
    ON
        b.account_id = a.account_id
        AND b.currency = a.currency
        AND b.place >= a.place
        AND b.place < a.place + n.size
GROUP BY a.account_id, a.currency, a.place, n.size
HAVING COUNT(*) = n.size
