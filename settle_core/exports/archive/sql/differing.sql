-- How many rows one of two parts has more often than the other.
SELECT COUNT(*) AS row_count
FROM (
    (SELECT * FROM part_before EXCEPT ALL SELECT * FROM part_now)
    UNION ALL
    (SELECT * FROM part_now EXCEPT ALL SELECT * FROM part_before)
) AS differing
