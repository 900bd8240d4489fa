-- The same, where the pass tells which counter-entries were in time by the clock.
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
    AND entry_id IN (
        SELECT p.entry_id FROM plain_timely AS p
        UNION ALL
        SELECT m.entry_id FROM moved_row AS m
    )
    AND entry_id NOT IN (
        SELECT l.entry_id
        FROM late_id AS l
        WHERE
            l.entry_id IN (
                SELECT p.entry_id FROM plain_timely AS p
                UNION ALL
                SELECT m.entry_id FROM moved_row AS m
            )
    )
