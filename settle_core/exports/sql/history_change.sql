-- What is otherwise in settled weeks than in the earlier export: rows removed or edited, rows added
-- that claim to have been recorded before it was made (at $made_at, or when its last row was), and
-- settlements changed or removed. A row that moved is told where it was and where it came to, if
-- both are settled; note says so.
WITH limits AS (
    SELECT GREATEST(MAX(recorded_at), CAST($made_at AS TIMESTAMP)) AS made_at FROM previous_entry
),

old_row AS (
    SELECT
        CAST(p.entry_id AS VARCHAR) AS entry_id,
        CAST(p.account_id AS VARCHAR) AS account_id,
        p.currency,
        p.effective_date,
        p.amount,
        p.kind,
        p.recorded_at,
        s.week_start
    FROM previous_entry AS p
    INNER JOIN previous_settlement AS s
        ON
            CAST(s.account_id AS VARCHAR) = CAST(p.account_id AS VARCHAR)
            AND s.currency = p.currency
            AND s.week_start = week_of(p.effective_date, $week_offset_days)
),

new_row AS (
    SELECT
        CAST(e.entry_id AS VARCHAR) AS entry_id,
        CAST(e.account_id AS VARCHAR) AS account_id,
        e.currency,
        e.effective_date,
        e.amount,
        e.kind,
        e.recorded_at,
        week_of(e.effective_date, $week_offset_days) AS week_start
    FROM entry AS e
),

changed_row AS (
    SELECT
        o.account_id,
        o.currency,
        o.week_start,
        o.entry_id,
        CASE WHEN n.entry_id IS NULL THEN 'removed' ELSE 'edited' END AS change,
        o.amount AS old_amount,
        CASE
            WHEN n.entry_id IS NULL THEN 0
            WHEN n.account_id = o.account_id AND n.currency = o.currency
                AND n.week_start = o.week_start THEN n.amount
            ELSE 0
        END AS new_amount,
        CASE
            WHEN n.account_id = o.account_id AND n.currency = o.currency
                AND n.week_start = o.week_start THEN ''
            ELSE 'to account ' || n.account_id || ', ' || CAST(n.effective_date AS VARCHAR)
        END AS note
    FROM old_row AS o
    LEFT JOIN new_row AS n ON n.entry_id = o.entry_id
    WHERE
        n.entry_id IS NULL
        OR n.account_id <> o.account_id
        OR n.currency <> o.currency
        OR n.effective_date <> o.effective_date
        OR n.amount <> o.amount
        OR n.kind <> o.kind
        OR n.recorded_at <> o.recorded_at
),

moved_row AS (
    SELECT
        n.account_id,
        n.currency,
        n.week_start,
        n.entry_id,
        'edited' AS change,
        CAST(0 AS money) AS old_amount,
        n.amount AS new_amount,
        'from account ' || CAST(p.account_id AS VARCHAR)
        || ', ' || CAST(p.effective_date AS VARCHAR) AS note
    FROM new_row AS n
    INNER JOIN previous_entry AS p ON CAST(p.entry_id AS VARCHAR) = n.entry_id
    INNER JOIN previous_settlement AS s
        ON
            CAST(s.account_id AS VARCHAR) = n.account_id
            AND s.currency = n.currency
            AND s.week_start = n.week_start
    WHERE
        CAST(p.account_id AS VARCHAR) <> n.account_id
        OR p.currency <> n.currency
        OR week_of(p.effective_date, $week_offset_days) <> n.week_start
),

added_row AS (
    SELECT
        n.account_id,
        n.currency,
        n.week_start,
        n.entry_id,
        'added' AS change,
        CAST(0 AS money) AS old_amount,
        n.amount AS new_amount,
        '' AS note
    FROM new_row AS n
    CROSS JOIN limits AS l
    INNER JOIN previous_settlement AS s
        ON
            CAST(s.account_id AS VARCHAR) = n.account_id
            AND s.currency = n.currency
            AND s.week_start = n.week_start
    LEFT JOIN previous_entry AS p ON CAST(p.entry_id AS VARCHAR) = n.entry_id
    WHERE p.entry_id IS NULL AND DATE_DIFF('microsecond', n.recorded_at, l.made_at) > $skew_us
),

changed_settlement AS (
    SELECT DISTINCT
        CAST(o.account_id AS VARCHAR) AS account_id,
        o.currency,
        o.week_start,
        '' AS entry_id,
        CASE WHEN n.account_id IS NULL THEN 'settlement removed' ELSE 'settlement edited' END
            AS change,
        o.settled_amount AS old_amount,
        COALESCE(n.settled_amount, 0) AS new_amount,
        '' AS note
    FROM previous_settlement AS o
    LEFT JOIN settlement AS same
        ON
            CAST(same.account_id AS VARCHAR) = CAST(o.account_id AS VARCHAR)
            AND same.currency = o.currency
            AND same.week_start = o.week_start
            AND same.settled_at = o.settled_at
            AND same.settled_amount = o.settled_amount
    LEFT JOIN settlement AS n
        ON
            CAST(n.account_id AS VARCHAR) = CAST(o.account_id AS VARCHAR)
            AND n.currency = o.currency
            AND n.week_start = o.week_start
    WHERE same.account_id IS NULL
)

SELECT
    account_id,
    currency,
    week_start,
    entry_id,
    change,
    CAST(old_amount AS money) AS old_amount,
    CAST(new_amount AS money) AS new_amount,
    COALESCE(note, '') AS note
FROM (
    SELECT * FROM changed_row
    UNION ALL
    SELECT DISTINCT * FROM moved_row
    UNION ALL
    SELECT * FROM added_row
    UNION ALL
    SELECT * FROM changed_settlement
) AS every_change
ORDER BY account_id, currency, week_start, change, entry_id
