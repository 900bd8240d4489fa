-- Version 2: what only the library held is held by the database from here on. The functions of that
-- version go, so that no writer of an old library goes on.
DROP VIEW IF EXISTS settle.entries;

DROP VIEW IF EXISTS settle.settlements;

DROP FUNCTION IF EXISTS settle.demand_fresh_reads(integer);

DO $drop$
DECLARE
    old regprocedure;
BEGIN
    FOR old IN
        SELECT p.oid
        FROM pg_proc AS p
        WHERE
            p.pronamespace = 'settle'::regnamespace
            AND p.proname IN ('answer', 'answer_locked', 'post', 'settle')
    LOOP
        EXECUTE format('DROP FUNCTION %s', old);
    END LOOP;
END
$drop$;

ALTER DOMAIN settle.money ADD CONSTRAINT finite CHECK (VALUE <> 'NaN');

CREATE UNIQUE INDEX one_book ON settle.book ((true));

ALTER TABLE settle.settlement
ADD CONSTRAINT first_day_of_a_week CHECK (
    week_start BETWEEN '0001-01-01' AND '9999-12-31'
    AND (week_start - DATE '0001-01-01') % 7 = {week_offset_days}
),
ADD CONSTRAINT an_instant CHECK (isfinite(settled_at));

ALTER TABLE settle.entry ADD COLUMN was_late boolean NOT NULL DEFAULT false;

UPDATE settle.entry AS e
SET was_late = true
FROM settle.settlement AS s
WHERE
    s.account_id = e.account_id
    AND s.currency = e.currency
    AND s.week_start = e.week_start
    AND e.recorded_at > s.settled_at;

ALTER TABLE settle.entry ADD CONSTRAINT week_of_the_day CHECK (
    week_start BETWEEN '0001-01-01' AND '9999-12-31'
    AND (week_start - DATE '0001-01-01') % 7 = {week_offset_days}
);

UPDATE settle.book SET version = 3
