-- The Monday of an ISO week. Week 53 of a year that has 52 is none.
CREATE OR REPLACE MACRO numbered_week(year, week) AS
CASE
    WHEN
        STRFTIME(TRY_STRPTIME(year || '-' || LPAD(week, 2, '0') || '-1', '%G-%V-%u'), '%G%V')
        = year || LPAD(week, 2, '0')
        THEN CAST(TRY_STRPTIME(year || '-' || LPAD(week, 2, '0') || '-1', '%G-%V-%u') AS DATE)
END;

-- The column tells year and ISO week; see numbered.sql.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
NUMBERED_WEEK(YEAR_TOLD(text), NUMBER_TOLD(text))
