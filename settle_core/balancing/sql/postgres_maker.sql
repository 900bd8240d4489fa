-- Of those who find no book at the same time, one makes it.
SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('settle.book'))) AS maker
