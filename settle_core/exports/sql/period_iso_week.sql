-- The column tells year and ISO week, as 2026-W37, 202637 or "2026 37". Week 53 of a year that has
-- 52 is none.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
CASE
    WHEN
        REGEXP_FULL_MATCH(text, '[0-9]{4}[- ]?[WwKk]?[Ww]? ?[0-9]{1,2}')
        AND STRFTIME(
            TRY_STRPTIME(
                REGEXP_EXTRACT(text, '^[0-9]{4}') || '-'
                || LPAD(REGEXP_EXTRACT(SUBSTR(text, 5), '[0-9]+'), 2, '0') || '-1',
                '%G-%V-%u'
            ),
            '%G%V'
        ) = REGEXP_EXTRACT(text, '^[0-9]{4}')
        || LPAD(REGEXP_EXTRACT(SUBSTR(text, 5), '[0-9]+'), 2, '0')
        THEN
            CAST(
                TRY_STRPTIME(
                    REGEXP_EXTRACT(text, '^[0-9]{4}') || '-'
                    || LPAD(REGEXP_EXTRACT(SUBSTR(text, 5), '[0-9]+'), 2, '0') || '-1',
                    '%G-%V-%u'
                ) AS DATE
            )
END
