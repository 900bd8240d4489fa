-- The weeks that the pass has not finished.
SELECT a.*
FROM audited_week AS a
INNER JOIN passed_week AS p
    ON p.account_id = a.account_id AND DATE '1970-01-01' + p.day = a.week_start
