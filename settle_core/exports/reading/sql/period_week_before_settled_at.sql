-- The last week that was over when it was settled.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
WEEK_OF(LOCAL_DAY(settled_at, minutes), offset_days) - 7
