-- Rows recorded so near to their week's settlement that the clock cannot tell on which side of it
-- they were, of weeks whose settled amount it does not meet. added: what the week's sum at
-- settlement would gain if the row were on the other side; wanted: what it has to gain.
SELECT
    e.account_id,
    e.currency,
    w.week_start,
    e.entry_id,
    e.kind,
    CASE WHEN e.recorded_at > w.settled_at THEN e.amount ELSE CAST(-e.amount AS money) END
        AS added,
    CAST(w.settled_amount - w.settled_sum AS money) AS wanted,
    ABS(DATE_DIFF('microsecond', w.settled_at, e.recorded_at)) AS distance_us
FROM entry AS e
INNER JOIN settled_week AS w
    ON
        w.account_id = e.account_id
        AND w.currency = e.currency
        AND w.week_start = week_of(e.effective_date, $week_offset_days)
WHERE
    w.settled_sum <> w.settled_amount
    AND ABS(DATE_DIFF('microsecond', w.settled_at, e.recorded_at)) < $skew_us
    AND e.recorded_at <= $as_of
    AND e.kind <> 'correction'
