-- Some rows of a file, the same ones each time.
SELECT *
FROM raw_guess USING SAMPLE RESERVOIR(5000 ROWS) REPEATABLE (1)
