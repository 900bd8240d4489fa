-- The faults of the weeks that are reckoned up, in the order in which they came about.
SELECT
    j.account_id,
    j.currency,
    j.week_start,
    j.entry_id,
    j.kind,
    j.effective_date,
    j.role,
    j.status,
    j.policy,
    j.level,
    CAST(j.effect * CAST($minor_per_major AS BIGINT) AS BIGINT) AS effect_minor,
    EPOCH_US(j.recorded_at) AS recorded_us,
    j.role = 'orphan' OR (j.role = 'wrong' AND j.cause = 'unknown' AND j.unseen_entry_ids = '')
        AS is_unexplained,
    CASE
        WHEN s.half_id IS NULL THEN ''
        WHEN s.stray_kind = 'early' OR s.is_same_week THEN 'here'
        ELSE 'elsewhere'
    END AS pair
FROM judged_row AS j
INNER JOIN reckoned_week AS w
    ON w.account_id = j.account_id AND w.currency = j.currency AND w.week_start = j.week_start
LEFT JOIN (SELECT DISTINCT half_id, stray_kind, is_same_week FROM stray_half) AS s
    ON s.half_id = j.entry_id
WHERE j.role NOT IN ('late', 'right')
ORDER BY
    j.account_id, j.currency, j.week_start,
    CASE WHEN j.level = 'day' THEN j.effective_date END, j.place, j.entry_id
