-- What stands elsewhere with what it may be the answer to, several late entries or several rows of
-- an answer: of one account, and of opposite sums. is_sure: it names one of the entries, or its job
-- entered all of them; or it stands at the end of what was left without an answer, within the time
-- that practice takes, and what it fits is of one unit. The rest is told, and not decided.
-- Of very many equal sums those are tried that are nearest in time, so that it does not take longer
-- by their square.
WITH owed AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY account_id, currency, amount
            ORDER BY last_at, list_number, first_place
        ) AS rank
    FROM stray_owed
),

event AS (
    SELECT
        account_id,
        currency,
        -amount AS amount,
        last_at AS instant,
        1 AS is_owed,
        NULL AS entry_ids
    FROM owed
    UNION ALL
    SELECT account_id, currency, amount, recorded_at AS instant, 0 AS is_owed, entry_ids
    FROM stray_answer
),

counted_event AS (
    SELECT
        account_id,
        currency,
        entry_ids,
        is_owed,
        SUM(is_owed) OVER (
            PARTITION BY account_id, currency, amount
            ORDER BY instant, is_owed DESC
            ROWS UNBOUNDED PRECEDING
        ) AS earlier,
        SUM(is_owed) OVER (PARTITION BY account_id, currency, amount) AS owed
    FROM event
),

tried AS (
    SELECT
        account_id,
        currency,
        entry_ids,
        UNNEST(RANGE(
            CAST(GREATEST(1, earlier - $near_max) AS BIGINT),
            CAST(LEAST(owed, earlier + $near_max) + 1 AS BIGINT)
        )) AS rank
    FROM counted_event
    WHERE is_owed = 0 AND owed > 0
),

fitting AS (
    SELECT
        a.*,
        o.list,
        o.list_number,
        o.first_place,
        o.last_place,
        o.week_start AS answers_week,
        o.unit_date,
        o.least_at,
        o.last_place - o.first_place + 1 AS size,
        DATE_DIFF('microsecond', o.last_at, a.recorded_at) AS after_us,
        COALESCE(DATE_DIFF('microsecond', a.recorded_at, o.next_at) > -$skew_us, TRUE) AS is_last
    FROM stray_answer AS a
    INNER JOIN tried AS t
        ON
            t.account_id = a.account_id
            AND t.currency = a.currency
            AND t.entry_ids = a.entry_ids
    INNER JOIN owed AS o
        ON
            o.account_id = a.account_id
            AND o.currency = a.currency
            AND o.amount = -a.amount
            AND o.rank = t.rank
    WHERE
        CASE
            WHEN o.week_start <> a.week_start THEN TRUE
            WHEN a.is_in_time OR o.unit_date IS NULL THEN FALSE
            ELSE o.unit_date <> a.effective_date
        END
        AND (
            DATE_DIFF('microsecond', o.last_at, a.recorded_at) > -$skew_us
            OR (
                o.since < o.first_at
                AND DATE_DIFF('microsecond', o.since, a.recorded_at) > -$skew_us
            )
            OR (
                DATE_DIFF('microsecond', o.first_at, a.recorded_at) > -$skew_us
                AND DATE_DIFF('microsecond', o.like_at, a.recorded_at) > -$skew_us
            )
        )
        AND CASE
            WHEN a.is_chain THEN o.list IN ('rest', 'unit') AND o.is_whole
            ELSE a.parts = 1 OR o.first_place = o.last_place
        END
),

met AS (
    SELECT
        f.answer_id,
        f.entry_ids,
        f.list_number,
        f.first_place,
        f.last_place,
        LIST(DISTINCT m.entry_id ORDER BY m.entry_id) AS answers_ids,
        BOOL_OR(m.entry_id = f.answers) AS is_named,
        BOOL_AND(m.job_id = f.job_id) AS is_own_job,
        MIN(m.effective_date) = MAX(m.effective_date) AS is_one_day
    FROM fitting AS f
    INNER JOIN stray_member AS m
        ON
            m.list_number = f.list_number
            AND m.place BETWEEN f.first_place AND f.last_place
    GROUP BY ALL
),

known AS (
    SELECT
        f.*,
        m.answers_ids,
        COALESCE(m.is_named, FALSE) AS is_named,
        COALESCE(m.is_own_job, FALSE) AS is_own_job,
        DATE_DIFF('microsecond', f.least_at, f.recorded_at) > -$skew_us AS is_after,
        f.after_us BETWEEN -$skew_us AND $grace_us AND NOT f.is_at_home AS is_near,
        f.unit_date IS NULL OR m.is_one_day AS is_of_unit
    FROM fitting AS f
    INNER JOIN met AS m
        ON
            m.answer_id = f.answer_id
            AND m.entry_ids = f.entry_ids
            AND m.list_number = f.list_number
            AND m.first_place = f.first_place
            AND m.last_place = f.last_place
    WHERE
        (f.answers IS NULL OR m.is_named)
        AND (ABS(f.after_us) <= $practice_us OR m.is_named OR m.is_own_job)
),

counted AS (
    SELECT
        *,
        COUNT(DISTINCT (answers_week, unit_date)) OVER of_answer AS units,
        COUNT(DISTINCT CASE WHEN is_near THEN (answers_week, unit_date) END) OVER of_answer
            AS near_units,
        BOOL_OR(size > 1 OR list IN ('rest', 'unseen')) OVER of_answer AS is_of_more,
        COUNT(DISTINCT CASE WHEN is_near THEN answer_id END) OVER of_owed AS near_answers
    FROM known
    WINDOW
        of_answer AS (PARTITION BY answer_id, parts, is_chain),
        of_owed AS (PARTITION BY list_number, first_place, last_place)
)

SELECT
    CAST(-ROW_NUMBER() OVER (
        ORDER BY
            is_named DESC, is_own_job DESC, is_near DESC, parts, ABS(after_us), size, list DESC,
            answer_id, list_number, first_place
    ) AS BIGINT) AS pair_number,
    answer_id,
    entry_ids,
    answers_ids,
    answers_week,
    list,
    is_in_time,
    list NOT IN ('rest', 'unseen')
    AND NOT is_chain
    AND is_after
    AND (
        is_named
        OR is_own_job
        OR (
            is_of_unit
            AND is_last
            AND (
                ((units = 1 OR (are_as_many AND NOT is_of_more)) AND is_lone)
                OR (is_near AND near_units = 1 AND near_answers = 1)
            )
        )
    ) AS is_sure
FROM counted
