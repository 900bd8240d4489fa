-- What was judged, of the weeks that are told.
DELETE FROM cutoff_row WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM suspect_week WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM week_off WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM owed_row WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t);
DELETE FROM replay WHERE week_start NOT IN (SELECT t.week_start FROM week_total AS t)
