-- The weeks that the pass has not finished, with what it left of each and what came late.
SELECT
    a.*,
    p.left_amount,
    p.late_amount,
    p.late_entries,
    p.counters
FROM audited_week AS a
INNER JOIN passed_week AS p ON p.account_id = a.account_id AND p.week_start = a.week_start
