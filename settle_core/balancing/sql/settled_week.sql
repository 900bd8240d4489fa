-- Each settled week by two paths: what its rows sum to now, and the late entries in it that nothing
-- answers yet. It holds if the sum without these is the settled amount.
CREATE VIEW settle.settled_week AS
SELECT
    s.account_id,
    s.currency,
    s.week_start,
    s.settled_at,
    s.settled_amount,
    total.amount AS total,
    late.amount AS unanswered
FROM settle.settlement AS s
CROSS JOIN LATERAL (
    SELECT COALESCE(SUM(e.amount), 0) AS amount
    FROM settle.entry AS e
    WHERE
        e.account_id = s.account_id
        AND e.currency = s.currency
        AND e.week_start = s.week_start
) AS total
CROSS JOIN LATERAL (
    SELECT COALESCE(SUM(e.amount), 0) AS amount
    FROM settle.entry AS e
    WHERE
        e.account_id = s.account_id
        AND e.currency = s.currency
        AND e.week_start = s.week_start
        AND e.recorded_at > s.settled_at
        AND e.kind = 'entry'
        AND NOT EXISTS (SELECT 1 FROM settle.entry AS c WHERE c.answers = e.entry_id)
) AS late;
