-- One snapshot for all that is read, and nothing is written. Instants come in UTC.
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SET SESSION time_zone = '+00:00';
SET SESSION group_concat_max_len = 1000000;
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
