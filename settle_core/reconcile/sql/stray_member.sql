-- What no single counter-entry elsewhere answers, in the lists that one might answer a part of: the
-- late entries of a unit, in the order of recording; those of one job in it; those of the week, where
-- days are what is balanced; and what a wrong counter-entry left, by itself. total: of a list so
-- far. A week that no search looked at is one unit where its account keeps weeks.
WITH left_over AS (
    SELECT
        j.account_id,
        j.currency,
        j.week_start,
        j.entry_id,
        j.recorded_at,
        j.job_id,
        j.effective_date,
        CASE
            WHEN j.level = 'day' AND j.account_id NOT IN (SELECT UNNEST($weekly))
                THEN j.effective_date
        END AS unit_date,
        CASE WHEN j.role = 'wrong' THEN j.effect ELSE j.amount END AS amount,
        j.role = 'wrong' AS is_rest
    FROM judged_row AS j
    INNER JOIN (SELECT DISTINCT account_id, currency FROM stray_counter) AS c
        ON c.account_id = j.account_id AND c.currency = j.currency
    WHERE
        j.role IN ('uncountered', 'wrong')
        AND j.entry_id NOT IN (
            SELECT p.answers_id FROM stray_pair AS p WHERE p.pair_number IN (SELECT UNNEST($chosen))
        )
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
)

SELECT
    *,
    DENSE_RANK() OVER (
        ORDER BY account_id, currency, week_start, list, list_date, list_key
    ) AS list_number,
    ROW_NUMBER() OVER in_list AS place,
    COUNT(*) OVER whole AS places,
    CAST(SUM(amount) OVER in_list AS money) AS total,
    LEAD(recorded_at) OVER in_list AS next_at
FROM listed
WINDOW
    whole AS (PARTITION BY account_id, currency, week_start, list, list_date, list_key),
    in_list AS (
        PARTITION BY account_id, currency, week_start, list, list_date, list_key
        ORDER BY recorded_at, entry_id
    )
