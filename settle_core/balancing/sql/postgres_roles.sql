-- Roles of a book, and what each may do. Run it as the owner of the book's schema, who may create
-- roles, or have an administrator create them first; again after each upgrade.
--
--   settle_poster    posts entries, and counter-entries for those that are late; reads nothing
--   settle_settler   fixes weeks, and imports corrections
--   settle_reader    reads and exports
--   settle_repairer  goes around the append-only guards, in a transaction that gives a reason
--
-- Then, for each program: GRANT settle_poster TO its_login;
DO $roles$
DECLARE
    missing text;
BEGIN
    FOREACH missing IN ARRAY ARRAY[
        'settle_poster', 'settle_settler', 'settle_reader', 'settle_repairer'
    ]
    LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = missing) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', missing);
        END IF;
    END LOOP;
END
$roles$;

REVOKE ALL ON SCHEMA settle FROM PUBLIC;

REVOKE ALL ON ALL TABLES IN SCHEMA settle FROM PUBLIC;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA settle FROM PUBLIC;

GRANT USAGE ON SCHEMA settle
TO settle_poster, settle_settler, settle_reader, settle_repairer;

GRANT SELECT ON settle.book, settle.renewal
TO settle_poster, settle_settler, settle_reader, settle_repairer;

GRANT EXECUTE ON FUNCTION
settle.post(
    text [], text [], text [], date [], date [], text [], text [], text, integer, boolean
),
settle.post_one(text, text, text, date, date, text, text, text, integer, boolean),
settle.owed(text, date),
settle.answer(bigint [], text, integer)
TO settle_poster;

GRANT EXECUTE ON FUNCTION
settle.settle(date, text [], text),
settle.correct(text [], text [], text [], date [], date [], text [], text [], text, integer)
TO settle_settler;

GRANT SELECT ON ALL TABLES IN SCHEMA settle TO settle_reader, settle_repairer;

GRANT INSERT, UPDATE, DELETE ON settle.entry, settle.settlement TO settle_repairer;

GRANT INSERT ON settle.account, settle.repair TO settle_repairer;

GRANT EXECUTE ON FUNCTION settle.begin_repair(text), settle.demand_fresh_reads()
TO settle_repairer;
