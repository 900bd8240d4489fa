-- Late entries that are owed no answer, or only together with others of their day or week, where
-- counter-entries are rounded: what is owed comes to nothing. That none came is no lost job.
UPDATE judged_row AS j
SET
    cause = 'unknown',
    evidence = 'undetermined',
    other_causes = '',
    explanation = j.explanation || ' What was owed comes to nothing, rounded to ' || $step
    || ', as other counter-entries are.'
FROM (
    SELECT
        entry_id,
        [
            -amount,
            -SUM(amount) OVER (PARTITION BY account_id, currency, effective_date),
            -SUM(amount) OVER (PARTITION BY account_id, currency, week_start)
        ] AS owed
    FROM judged_row
    WHERE
        role = 'uncountered'
        AND currency = $currency
        AND ($account_id = '' OR account_id = $account_id)
) AS u
WHERE
    j.entry_id = u.entry_id
    AND j.cause = 'lost_job'
    AND LEN(LIST_FILTER(
        u.owed,
        lambda each: CAST(each * CAST($minor_per_major AS BIGINT) AS BIGINT)
            BETWEEN CAST($least AS BIGINT) AND CAST($most AS BIGINT)
    )) > 0
