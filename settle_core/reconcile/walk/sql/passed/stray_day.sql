-- As in steps/stray_day.sql, counted by the walk.
SELECT CAST($are_few AS BOOLEAN) AS are_few
