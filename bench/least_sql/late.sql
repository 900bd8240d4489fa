-- The rows recorded after their week was settled: what an audit has to judge.
CREATE OR REPLACE TABLE late_row AS
SELECT e.*
FROM entries AS e
INNER JOIN settlements AS s
    ON
        s.account_id = e.account_id
        AND s.week_start = CAST(DATE_TRUNC('week', e.effective_date) AS DATE)
WHERE
    e.recorded_at > s.settled_at
    AND DATE_DIFF('day', e.effective_date, CAST(e.recorded_at AS DATE)) >= 1
