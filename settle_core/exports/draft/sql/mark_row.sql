-- Entries in settled weeks, whether each came after its week was settled, and the columns that a
-- first profile lends to see which of them marks counter-entries.
CREATE OR REPLACE VIEW dated_row AS
SELECT
    e.*,
    s.week_start,
    e.recorded_at > s.settled_at AS is_late
FROM entry AS e
INNER JOIN settlement AS s
    ON
        s.account_id = e.account_id
        AND s.currency = e.currency
        AND e.effective_date >= s.week_start
        AND e.effective_date < s.week_start + 7
