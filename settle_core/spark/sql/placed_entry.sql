-- Each entry with the instant at which its week was settled; none where it was not, or for a row
-- recorded after the instant of the audit.
SELECT
    e.entry_id,
    e.account_id,
    e.day,
    e.week,
    e.minor,
    e.kind,
    e.recorded_us,
    e.answers,
    e.recorded_us <= $as_of_us AS is_known,
    CASE WHEN e.recorded_us <= $as_of_us THEN s.settled_us END AS settled_us
FROM whole_entry AS e
LEFT JOIN whole_settlement AS s ON s.account_id = e.account_id AND s.week = e.week
