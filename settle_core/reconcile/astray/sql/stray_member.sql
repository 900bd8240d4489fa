-- What no single counter-entry elsewhere answers, in the lists that one might answer a part of: the
-- late entries of a unit, in the order of recording; those of one job in it; those of the week,
-- where days are what is balanced; what a wrong counter-entry left, by itself; and what its writer
-- did not see. total: of a list so far. since: when the first late entry of the week was there;
-- equal_at: the first of its amount on its day, as any of equal ones may be meant; like_at: in its
-- week. A week that no search looked at is one unit where its account keeps weeks.
WITH since AS (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        week_start,
        MIN(recorded_at) AS since
    FROM walk
    WHERE kind = 'entry'
    GROUP BY account_id, currency, week_start
),

equal AS (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        effective_date,
        amount,
        MIN(recorded_at) AS equal_at
    FROM walk
    WHERE kind = 'entry'
    GROUP BY account_id, currency, effective_date, amount
),

alike AS (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        week_start,
        amount,
        MIN(recorded_at) AS like_at
    FROM walk
    WHERE kind = 'entry'
    GROUP BY account_id, currency, week_start, amount
),

left_over AS (
    SELECT
        j.account_id,
        j.currency,
        j.week_start,
        j.entry_id,
        j.recorded_at,
        j.job_id,
        j.effective_date,
        CASE
            WHEN
                j.level = 'day'
                AND (j.is_searched OR j.account_id NOT IN (SELECT UNNEST($weekly)))
                THEN j.effective_date
        END AS unit_date,
        CASE WHEN j.role = 'uncountered' THEN j.amount ELSE j.effect END AS amount,
        j.role <> 'uncountered' AS is_rest
    FROM judged_row AS j
    INNER JOIN stray_account AS c
        ON c.account_id = j.account_id AND c.currency = j.currency
    WHERE
        j.role IN ('uncountered', 'wrong', 'duplicate', 'orphan')
        AND j.entry_id NOT IN (
            SELECT p.answers_id FROM stray_pair AS p WHERE p.pair_number IN (SELECT UNNEST($chosen))
        )
),

unseen AS (
    SELECT
        account_id,
        currency,
        week_start,
        entry_id,
        effective_date,
        UNNEST(STRING_SPLIT(unseen_entry_ids, ',')) AS unseen_id
    FROM judged_row
    WHERE role IN ('wrong', 'duplicate') AND unseen_entry_ids <> ''
),

listed AS (
    SELECT
        *,
        CASE WHEN is_rest THEN 'rest' ELSE 'unit' END AS list,
        unit_date AS list_date,
        CASE WHEN is_rest THEN entry_id ELSE '' END AS list_key
    FROM left_over
    UNION ALL
    SELECT
        *,
        'job' AS list,
        unit_date AS list_date,
        job_id AS list_key
    FROM left_over
    WHERE job_id IS NOT NULL AND NOT is_rest
    UNION ALL
    SELECT
        *,
        'week' AS list,
        NULL AS list_date,
        '' AS list_key
    FROM left_over
    WHERE NOT is_rest AND unit_date IS NOT NULL
    UNION ALL BY NAME
    SELECT
        u.account_id,
        u.currency,
        u.week_start,
        u.entry_id,
        w.recorded_at,
        CAST(NULL AS VARCHAR) AS job_id,
        u.effective_date,
        CAST(NULL AS DATE) AS unit_date,
        w.amount,
        TRUE AS is_rest,
        'unseen' AS list,
        CAST(NULL AS DATE) AS list_date,
        u.entry_id AS list_key
    FROM unseen AS u
    INNER JOIN stray_account AS c ON c.account_id = u.account_id AND c.currency = u.currency
    INNER JOIN walk AS w ON CAST(w.entry_id AS VARCHAR) = u.unseen_id AND w.kind = 'entry'
)

SELECT
    l.*,
    s.since,
    COALESCE(q.equal_at, l.recorded_at) AS equal_at,
    COALESCE(k.like_at, l.recorded_at) AS like_at,
    DENSE_RANK() OVER (
        ORDER BY l.account_id, l.currency, l.week_start, l.list, l.list_date, l.list_key
    ) AS list_number,
    ROW_NUMBER() OVER in_list AS place,
    COUNT(*) OVER whole AS places,
    CAST(SUM(l.amount) OVER in_list AS money) AS total,
    MIN(l.recorded_at) OVER whole AS began_at,
    LEAD(l.recorded_at) OVER in_list AS next_at
FROM listed AS l
INNER JOIN since AS s
    ON
        s.account_id = l.account_id
        AND s.currency = l.currency
        AND s.week_start = l.week_start
LEFT JOIN equal AS q
    ON
        q.account_id = l.account_id
        AND q.currency = l.currency
        AND q.effective_date = l.effective_date
        AND q.amount = l.amount
LEFT JOIN alike AS k
    ON
        k.account_id = l.account_id
        AND k.currency = l.currency
        AND k.week_start = l.week_start
        AND k.amount = l.amount
WINDOW
    whole AS (
        PARTITION BY l.account_id, l.currency, l.week_start, l.list, l.list_date, l.list_key
    ),
    in_list AS (
        PARTITION BY l.account_id, l.currency, l.week_start, l.list, l.list_date, l.list_key
        ORDER BY l.recorded_at, l.entry_id
        ROWS UNBOUNDED PRECEDING
    )
