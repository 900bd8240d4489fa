-- Copies of each entry in its place: ids go on ascending, each copy has its own accounts and jobs.
SELECT
    (entry_id - 1) * $copies + number + 1 AS entry_id,
    account_id + number * $accounts AS account_id,
    effective_date,
    amount,
    kind,
    recorded_at,
    job_id || '-' || number AS job_id,
    attempt
FROM (SELECT *, UNNEST(RANGE($copies)) AS number FROM entries)
