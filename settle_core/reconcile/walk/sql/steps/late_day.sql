-- Each day with late rows, and which ways of balancing it shows in the order of recording.
-- sum_holds: every counter left the day at its settled sum. delta_holds: every counter answers a
-- late entry of its own, recorded before it. pairs_hold: so it does by its amount, whatever the
-- jobs say. A day that shows neither policy is replayed. is_clear: no
-- entry and counter are so close that the clock cannot tell which came first. is_owed: all
-- counters hold, and nothing answers the entries after the last one, which do not cancel out;
-- that needs no replay.
-- has_stray: it would be even without one of its counters.
WITH answered AS (
    SELECT
        c.account_id,
        c.currency,
        c.week_start,
        c.effective_date,
        c.kind,
        c.amount,
        c.day_residual,
        c.counters_left,
        c.recorded_at,
        c.previous_kind,
        c.previous_recorded_at,
        c.day_sum,
        e.entry_id IS NOT NULL AS is_pair,
        e.entry_id IS NOT NULL AND (COALESCE(c.job_id = e.job_id, TRUE) OR NOT c.has_own_entry)
            AS is_answer
    FROM walk AS c
    LEFT JOIN walk AS e
        ON
            e.account_id = c.account_id
            AND e.currency = c.currency
            AND e.effective_date = c.effective_date
            AND e.amount = -c.amount
            AND e.pair_number = c.pair_number
            AND e.recorded_at <= c.recorded_at
            AND e.kind = 'entry'
            AND c.kind = 'counter'
            AND (c.answers IS NULL OR c.answers = CAST(e.entry_id AS VARCHAR))
)

SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    CAST(COUNT(*) FILTER (WHERE kind = 'entry') AS BIGINT) AS late_entries,
    CAST(COUNT(*) FILTER (WHERE kind = 'counter') AS BIGINT) AS counters,
    CAST(SUM(amount) AS money) AS residual,
    BOOL_AND(kind = 'entry' OR day_residual = 0) AS sum_holds,
    BOOL_AND(kind = 'entry' OR is_answer) AS delta_holds,
    BOOL_AND(kind = 'entry' OR is_pair) AS pairs_hold,
    BOOL_OR(kind = 'counter' AND amount = day_sum AND amount <> 0) AS has_stray,
    BOOL_AND(
        previous_kind IS NULL
        OR previous_kind = kind
        OR DATE_DIFF('microsecond', previous_recorded_at, recorded_at) >= $skew_us
    ) AS is_clear,
    BOOL_AND(kind = 'entry' OR day_residual = 0)
    AND SUM(amount) <> 0
    AND BOOL_AND(
        previous_kind IS NULL
        OR previous_kind = kind
        OR DATE_DIFF('microsecond', previous_recorded_at, recorded_at) >= $skew_us
    )
    AND COALESCE(
        MIN(SIGN(amount)) FILTER (WHERE counters_left = 0 AND amount <> 0)
        = MAX(SIGN(amount)) FILTER (WHERE counters_left = 0 AND amount <> 0),
        FALSE
    ) AS is_owed
FROM answered
GROUP BY account_id, currency, week_start, effective_date
