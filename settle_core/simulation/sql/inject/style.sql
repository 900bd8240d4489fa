-- How rows are written: how fine the clock is, and which columns counter-entries have.
SELECT
    COALESCE(BOOL_AND(EPOCH_US(recorded_at) % 1000000 = 0), FALSE) AS whole_seconds,
    COALESCE(BOOL_AND(EPOCH_US(recorded_at) % 1000 = 0), FALSE) AS whole_milliseconds,
    2 * COUNT(job_id) > COUNT(*) AS has_jobs,
    2 * COUNT(attempt) > COUNT(*) AS has_attempts,
    2 * COUNT(answers) > COUNT(*) AS has_answers
FROM late_counter
