-- The counter-entries that are in no pair, each by itself, and those together that one job wrote in
-- one moment for one place: they may be one answer in parts.
WITH left_over AS (
    SELECT *
    FROM stray_counter
    WHERE
        entry_id NOT IN (
            SELECT p.entry_id FROM stray_pair AS p WHERE p.pair_number IN (SELECT UNNEST($chosen))
        )
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
    LIST(entry_id ORDER BY entry_id) AS entry_ids
FROM left_over
WHERE job_id IS NOT NULL
GROUP BY account_id, currency, week_start, effective_date, level, job_id, is_in_time
HAVING
    COUNT(*) BETWEEN 2 AND $run_max
    AND DATE_DIFF('microsecond', MIN(recorded_at), MAX(recorded_at)) <= $moment_us
    AND COUNT(DISTINCT answers) <= 1
