-- Settlements with a required value that could not be read. A week_start that is not the first day
-- of the profile's week is one: it tells of a wrong profile, and its week would find no entries.
-- 1970-01-05 was a Monday.
SELECT
    rowid AS row_number,
    CAST(NULL AS BIGINT) AS first_row,
    account_id,
    CASE
        WHEN
            ((DATE_DIFF('day', DATE '1970-01-05', week_start) % 7) + 7) % 7 = $week_offset_days
            THEN week_start
    END AS week_start,
    settled_amount,
    settled_at
FROM stored_settlement
WHERE
    account_id IS NULL
    OR week_start IS NULL
    OR settled_amount IS NULL
    OR settled_at IS NULL
    OR ((DATE_DIFF('day', DATE '1970-01-05', week_start) % 7) + 7) % 7 <> $week_offset_days
ORDER BY rowid
