-- The file's name tells the week.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
named
