-- Counter-entries that were in time for their own week, or are of none that was settled.
SELECT
    entry_id,
    account_id,
    currency,
    effective_date,
    amount,
    recorded_at,
    job_id,
    answers
FROM entry
WHERE
    kind = 'counter'
    AND recorded_at <= $as_of
    AND entry_id NOT IN (SELECT l.entry_id FROM late_id AS l)
