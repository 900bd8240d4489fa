-- Settlements with a required value that could not be read. A week_start that is not the first day
-- of the profile's week is one: it tells of a wrong profile, and its week would find no entries.
-- 1970-01-05 was a Monday. A closing without an amount, or for every account, may lack these.
CREATE TABLE bad_settlement AS
SELECT
    rowid AS row_number,
    CAST(NULL AS BIGINT) AS first_row,
    CASE
        WHEN account_id IS NULL AND NOT $for_all THEN 'account_id'
        WHEN
            week_start IS NULL
            OR ((DATE_DIFF('day', DATE '1970-01-05', week_start) % 7) + 7) % 7 <> $week_offset_days
            THEN 'week_start'
        WHEN settled_amount IS NULL AND NOT $is_recorded THEN 'settled_amount'
        ELSE 'settled_at'
    END AS unread
FROM stored_settlement
WHERE
    (account_id IS NULL AND NOT $for_all)
    OR week_start IS NULL
    OR (settled_amount IS NULL AND NOT $is_recorded)
    OR settled_at IS NULL
    OR ((DATE_DIFF('day', DATE '1970-01-05', week_start) % 7) + 7) % 7 <> $week_offset_days
ORDER BY rowid
