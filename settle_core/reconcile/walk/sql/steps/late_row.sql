-- Late entries, their counter-entries and corrections: what was recorded after its week's
-- settlement, by the clock but for the rows in moved_row. The first condition follows from the
-- others: it spares most rows the join.
SELECT
    e.account_id,
    e.currency,
    s.week_start,
    e.effective_date,
    e.entry_id,
    e.kind,
    e.amount,
    e.recorded_at,
    s.settled_at,
    e.job_id,
    e.attempt,
    e.answers,
    e.run_id,
    e.observed,
    e.last_seen,
    e.committed_at
FROM entry AS e
INNER JOIN scope AS s
    ON
        s.account_id = e.account_id
        AND s.currency = e.currency
        AND s.week_start = week_of(e.effective_date, $week_offset_days)
WHERE
    DATE_DIFF('microsecond', CAST(e.effective_date AS TIMESTAMP), e.recorded_at) > $late_after_us
    AND (e.recorded_at > s.settled_at) <> (e.entry_id IN (SELECT m.entry_id FROM moved_row AS m))
    AND e.recorded_at <= $as_of
