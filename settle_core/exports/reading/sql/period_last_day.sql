-- The column tells the last day of the week; where another tells the first, they are a week.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
CASE WHEN COALESCE(first_day, day - 6) = day - 6 THEN day - 6 END
