-- The column tells a year and a week; see numbered.sql and settlements.period in the profile.
CREATE OR REPLACE MACRO period_of(day, first_day, text, settled_at, minutes, offset_days, named) AS
WEEK_WITHIN(
    CAST(YEAR_TOLD(text) AS INTEGER), CAST(NUMBER_TOLD(text) AS INTEGER), 1, offset_days
)
