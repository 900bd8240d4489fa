-- What an export tells of late rows besides, by their ids.
SELECT
    entry_id,
    attempt,
    answers,
    run_id,
    observed,
    last_seen,
    committed_at
FROM entry
WHERE
    (
        attempt IS NOT NULL
        OR answers IS NOT NULL
        OR run_id IS NOT NULL
        OR observed IS NOT NULL
        OR last_seen IS NOT NULL
        OR committed_at IS NOT NULL
    )
    AND entry_id IN (SELECT r.entry_id FROM passed_row AS r)
