-- An entry counts for the settlement that it names, whatever its day: it is dated on the first day
-- of that week. One that names none that is exported keeps its day, or where a settled week of its
-- account holds that day, gets the first day that is not settled yet.
UPDATE stored_entry
SET effective_date = named.effective_date
FROM (
    SELECT
        e.rowid AS row_number,
        COALESCE(
            MIN(s.week_start), GREATEST(ANY_VALUE(e.effective_date), MAX(last.week_start) + 7)
        ) AS effective_date
    FROM stored_entry AS e
    LEFT JOIN stored_settlement AS s
        ON
            s.settlement_id = e.settlement_id
            AND CAST(s.account_id AS VARCHAR) = CAST(e.account_id AS VARCHAR)
    LEFT JOIN (
        SELECT
            CAST(account_id AS VARCHAR) AS account_id,
            MAX(week_start) AS week_start
        FROM stored_settlement
        GROUP BY CAST(account_id AS VARCHAR)
    ) AS last ON last.account_id = CAST(e.account_id AS VARCHAR)
    GROUP BY e.rowid
) AS named
WHERE stored_entry.rowid = named.row_number
