-- Where a counter-entry that stands in another week is to be taken back: it puts that week off by
-- nothing, so no finding has an effect there. Named by the late entry that it answers.
SELECT
    s.answers_id,
    s.account_id,
    s.currency,
    s.back_date,
    CAST(-s.amount AS money) AS amount,
    s.entry_id
FROM stray AS s
WHERE s.is_in_time AND s.stray_kind = 'misplaced'
