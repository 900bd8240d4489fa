-- The year and the number of a week that text tells, as 2026-W37, 2026-W37-1, 202637, "2026 37",
-- "KW 37/2026" or "Week 37, 2026". Of two numbers of two digits a word before the first says that
-- it is the week.
CREATE OR REPLACE MACRO year_told(text) AS
CASE
    WHEN
        REGEXP_FULL_MATCH(
            text,
            '[0-9]{4}-W[0-9]{2}-1|'
            || '[0-9]{4}[-/. ]*(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)?[-. ]*'
            || '[0-9]{1,2}',
            'i'
        )
        THEN REGEXP_EXTRACT(text, '^[0-9]{4}')
    WHEN
        REGEXP_FULL_MATCH(
            text,
            '(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)?[-. ]*[0-9]{1,2}[-/., ]+[0-9]{4}',
            'i'
        )
        THEN RIGHT(text, 4)
    WHEN
        REGEXP_FULL_MATCH(
            text,
            '(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)[-. ]*[0-9]{1,2}[-/., ]+'
            || '''?[0-9]{2}',
            'i'
        )
        THEN '20' || RIGHT(text, 2)
END;

CREATE OR REPLACE MACRO number_told(text) AS
CASE
    WHEN REGEXP_FULL_MATCH(text, '[0-9]{4}-W[0-9]{2}-1', 'i') THEN SUBSTR(text, 7, 2)
    WHEN REGEXP_MATCHES(text, '^[0-9]{4}') THEN REGEXP_EXTRACT(SUBSTR(text, 5), '[0-9]+')
    ELSE REGEXP_EXTRACT(text, '[0-9]+')
END;

-- The first day of a week, where the one that holds a day of January is the first of its year. A
-- week that does not begin in that year, but for the first, is none.
CREATE OR REPLACE MACRO week_beside(year, week, january, offset_days) AS
CASE
    WHEN week BETWEEN 1 AND 53
        THEN
            CAST(
                DATE_TRUNC('week', MAKE_DATE(year, 1, january) - CAST(offset_days AS INTEGER))
                AS DATE
            )
            + CAST(offset_days AS INTEGER) + 7 * (week - 1)
END;

CREATE OR REPLACE MACRO week_within(year, week, january, offset_days) AS
CASE
    WHEN week = 1 OR YEAR(WEEK_BESIDE(year, week, january, offset_days)) = year
        THEN WEEK_BESIDE(year, week, january, offset_days)
END
