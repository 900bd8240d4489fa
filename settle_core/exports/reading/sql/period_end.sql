-- The column tells the first day after the week; where another tells the first, they are a week.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
CASE WHEN COALESCE(first_day, day - 7) = day - 7 THEN day - 7 END
