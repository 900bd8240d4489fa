-- A late entry without an answer is no sign of a lost job where something speaks against it:
-- its job left a counter-entry somewhere, it may yet be answered, or was taken back, or
-- another job was at work on its day in the same moments, which may have left nothing to
-- answer. Nor is one where writers of the policy sum are seen to miss rows: one that missed the
-- late entry found nothing to answer. Nor one without a job: of whose own nothing is known.
UPDATE judged_row AS j
SET
    cause = 'unknown',
    evidence = 'undetermined',
    other_causes = CASE
        WHEN j.status = 'masked' OR a.job_id IS NOT NULL THEN 'stale_read,race'
        ELSE 'stale_read,race,lost_job'
    END
FROM judged_row AS u
LEFT JOIN (
    SELECT DISTINCT job_id
    FROM entry
    WHERE
        kind = 'counter'
        AND job_id IN (SELECT r.job_id FROM judged_row AS r WHERE r.role = 'uncountered')
) AS a ON a.job_id = u.job_id
WHERE
    j.role = 'uncountered'
    AND j.cause = 'lost_job'
    AND u.entry_id = j.entry_id
    AND (
        a.job_id IS NOT NULL
        OR j.status <> 'open'
        OR j.job_id IS NULL
        OR (
            j.policy = 'sum'
            AND (
                SELECT COUNT(*) FROM judged_row AS w
                WHERE w.policy = 'sum' AND w.cause IN ('stale_read', 'race')
            ) >= $missed_min
        )
        OR EXISTS (
            SELECT 1
            FROM (
                SELECT account_id, currency, effective_date, kind, job_id, recorded_at
                FROM suspect_row
                UNION ALL
                SELECT account_id, currency, effective_date, kind, job_id, recorded_at
                FROM owed_row
            ) AS o
            WHERE
                CAST(o.account_id AS VARCHAR) = j.account_id
                AND o.currency = j.currency
                AND o.effective_date = j.effective_date
                AND o.kind = 'counter'
                AND (o.job_id = j.job_id) IS NOT TRUE
                AND ABS(DATE_DIFF('microsecond', o.recorded_at, j.recorded_at)) < $moment_us
        )
    )
