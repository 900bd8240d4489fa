-- The halves of pairs that are one break: a counter-entry and the late entry that it answers.
SELECT half_id, other_id
FROM stray_half
WHERE stray_kind = 'misplaced'
