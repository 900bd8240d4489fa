-- The Monday of an ISO week. Week 53 of a year that has 52 is none.
CREATE OR REPLACE MACRO numbered_week(year, week) AS
CASE
    WHEN
        STRFTIME(TRY_STRPTIME(year || '-' || LPAD(week, 2, '0') || '-1', '%G-%V-%u'), '%G%V')
        = year || LPAD(week, 2, '0')
        THEN CAST(TRY_STRPTIME(year || '-' || LPAD(week, 2, '0') || '-1', '%G-%V-%u') AS DATE)
END;

-- The column tells year and ISO week, as 2026-W37, 2026-W37-1, 202637, "2026 37", "KW 37/2026" or
-- "Week 37, 2026". Of two numbers of two digits a word before the first says that it is the week.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
CASE
    WHEN REGEXP_FULL_MATCH(text, '[0-9]{4}-W[0-9]{2}-1')
        THEN NUMBERED_WEEK(REGEXP_EXTRACT(text, '^[0-9]{4}'), SUBSTR(text, 7, 2))
    WHEN
        REGEXP_FULL_MATCH(
            text,
            '[0-9]{4}[-/. ]*(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)?[-. ]*[0-9]{1,2}',
            'i'
        )
        THEN
            NUMBERED_WEEK(
                REGEXP_EXTRACT(text, '^[0-9]{4}'), REGEXP_EXTRACT(SUBSTR(text, 5), '[0-9]+')
            )
    WHEN
        REGEXP_FULL_MATCH(
            text,
            '(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)?[-. ]*[0-9]{1,2}[-/., ]+[0-9]{4}',
            'i'
        )
        THEN NUMBERED_WEEK(RIGHT(text, 4), REGEXP_EXTRACT(text, '[0-9]+'))
    WHEN
        REGEXP_FULL_MATCH(
            text,
            '(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)[-. ]*[0-9]{1,2}[-/., ]+'
            || '''?[0-9]{2}',
            'i'
        )
        THEN NUMBERED_WEEK('20' || RIGHT(text, 2), REGEXP_EXTRACT(text, '[0-9]+'))
END
