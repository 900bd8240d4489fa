-- Where an answer stands that stands elsewhere, and in words what it answers there.
WITH answered AS (
    SELECT
        entry_id,
        MIN(answers_date) AS first_date,
        MAX(answers_date) AS last_date,
        LIST(answers_id ORDER BY answers_date, answers_id) AS ids
    FROM stray
    WHERE stray_kind = 'misplaced'
    GROUP BY entry_id
)

SELECT DISTINCT
    s.entry_id,
    s.account_id,
    s.answers_account_id,
    s.answers_week,
    s.currency,
    s.effective_date,
    s.amount,
    s.job_id,
    s.recorded_at,
    s.is_in_time,
    s.is_same_week,
    CASE WHEN s.parts = 1 THEN '' ELSE 'a part of ' END
    || 'what late '
    || CASE WHEN LEN(a.ids) = 1 THEN 'entry ' ELSE 'entries ' END
    || ARRAY_TO_STRING(a.ids[1:3], ', ')
    || CASE
        WHEN LEN(a.ids) <= 3 THEN ''
        ELSE ' and ' || CAST(LEN(a.ids) - 3 AS VARCHAR) || ' more'
    END
    || CASE
        WHEN s.answers_account_id = s.account_id THEN ''
        ELSE ' of account ' || s.answers_account_id
    END
    || CASE
        WHEN a.first_date = a.last_date THEN ' on ' || CAST(a.first_date AS VARCHAR)
        ELSE ' from ' || CAST(a.first_date AS VARCHAR) || ' to ' || CAST(a.last_date AS VARCHAR)
    END
    || CASE WHEN LEN(a.ids) = 1 THEN ' was owed' ELSE ' were owed together' END AS answered,
    CASE WHEN s.is_settled_with THEN 'a week that was settled with it' ELSE 'a week that is open'
    END AS stands_in
FROM stray AS s
INNER JOIN answered AS a ON a.entry_id = s.entry_id
WHERE s.stray_kind = 'misplaced'
