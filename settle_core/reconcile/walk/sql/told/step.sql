-- Of the tables of the steps, the rows of the weeks that are told; settled_week goes last, as
-- week_total asks it which weeks these are. What is made of them is made again when asked for.
DROP TABLE vote;
DROP TABLE suspect_row;
DELETE FROM scope WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM late_row WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM walk WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM late_day WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM late_week WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM settled_week WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t)
