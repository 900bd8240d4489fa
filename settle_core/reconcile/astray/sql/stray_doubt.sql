-- What may have been answered by a counter-entry of a week that is open, or was settled with it,
-- but not surely: to post that money would perhaps post it a second time. note: of that row.
WITH doubt AS (
    SELECT
        UNNEST(answers_ids) AS entry_id,
        pair_number,
        answer_id,
        LEN(answers_ids) AS size,
        LEN(entry_ids) AS parts,
        list
    FROM stray_fit
    WHERE pair_number IN (SELECT UNNEST($doubted))
),

likeliest AS (
    SELECT
        entry_id,
        MAX(pair_number) AS pair_number
    FROM doubt
    GROUP BY entry_id
)

SELECT
    d.entry_id,
    ' Counter-entry ' || c.entry_id || ' of ' || CAST(c.amount AS VARCHAR) || ' on '
    || CAST(c.effective_date AS VARCHAR)
    || CASE
        WHEN d.parts = 1 THEN ''
        ELSE ', with ' || CAST(d.parts - 1 AS VARCHAR) || ' more,'
    END
    || ' may be '
    || CASE WHEN d.list IN ('rest', 'unseen') THEN 'what it is off by' ELSE 'its answer' END
    || CASE
        WHEN d.size = 1 THEN ''
        ELSE
            ' and that of ' || CAST(d.size - 1 AS VARCHAR) || ' more late '
            || CASE WHEN d.size = 2 THEN 'entry' ELSE 'entries' END
    END
    || ', and stands where it puts no settled week off: which it is for is not in the data, so no'
    || ' correction is proposed.' AS note
FROM doubt AS d
INNER JOIN likeliest AS l ON l.entry_id = d.entry_id AND l.pair_number = d.pair_number
INNER JOIN stray_counter AS c ON c.entry_id = d.answer_id
