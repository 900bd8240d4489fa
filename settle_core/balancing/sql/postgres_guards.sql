-- What holds for every role and every statement, whoever writes. ENABLE ALWAYS: also where a
-- session says that it replicates. The names are looked for when a book is opened.

-- Entries and settlements: the database's own clock, a lock on the week, and a fit answer.
CREATE TRIGGER entry_given BEFORE INSERT ON settle.entry
FOR EACH ROW EXECUTE FUNCTION settle.guard_entry();

CREATE TRIGGER settlement_given BEFORE INSERT ON settle.settlement
FOR EACH ROW EXECUTE FUNCTION settle.guard_settlement();

-- At commit each settled week that was touched holds its settled amount. A row that was not late is
-- in the sum of the settlement to come, which waits for it.
CREATE CONSTRAINT TRIGGER entry_week AFTER INSERT ON settle.entry
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.was_late) EXECUTE FUNCTION settle.hold_week();

CREATE CONSTRAINT TRIGGER settlement_week AFTER INSERT ON settle.settlement
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION settle.hold_week();

CREATE CONSTRAINT TRIGGER entry_week_repaired AFTER UPDATE OR DELETE ON settle.entry
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION settle.hold_repaired_week();

CREATE CONSTRAINT TRIGGER settlement_week_repaired AFTER UPDATE OR DELETE ON settle.settlement
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION settle.hold_repaired_week();

-- Append-only.
CREATE TRIGGER entry_kept BEFORE UPDATE OR DELETE ON settle.entry
FOR EACH STATEMENT WHEN (current_user <> 'settle_repairer')
EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER settlement_kept BEFORE UPDATE OR DELETE ON settle.settlement
FOR EACH STATEMENT WHEN (current_user <> 'settle_repairer')
EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER entry_not_emptied BEFORE TRUNCATE ON settle.entry
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER settlement_not_emptied BEFORE TRUNCATE ON settle.settlement
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER account_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON settle.account
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER book_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON settle.book
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER renewal_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON settle.renewal
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER repair_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON settle.repair
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER repaired_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON settle.repaired
FOR EACH STATEMENT EXECUTE FUNCTION settle.refuse_change();

-- A repair is begun by its role, and its traces are written by these guards alone.
CREATE TRIGGER repair_given BEFORE INSERT ON settle.repair
FOR EACH STATEMENT WHEN (current_user <> 'settle_repairer')
EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER repaired_given BEFORE INSERT ON settle.repaired
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION settle.refuse_change();

CREATE TRIGGER entry_repaired BEFORE UPDATE OR DELETE ON settle.entry
FOR EACH ROW EXECUTE FUNCTION settle.trace_repair();

CREATE TRIGGER settlement_repaired BEFORE UPDATE OR DELETE ON settle.settlement
FOR EACH ROW EXECUTE FUNCTION settle.trace_repair();

ALTER TABLE settle.entry
ENABLE ALWAYS TRIGGER entry_given,
ENABLE ALWAYS TRIGGER entry_week,
ENABLE ALWAYS TRIGGER entry_week_repaired,
ENABLE ALWAYS TRIGGER entry_kept,
ENABLE ALWAYS TRIGGER entry_not_emptied,
ENABLE ALWAYS TRIGGER entry_repaired;

ALTER TABLE settle.settlement
ENABLE ALWAYS TRIGGER settlement_given,
ENABLE ALWAYS TRIGGER settlement_week,
ENABLE ALWAYS TRIGGER settlement_week_repaired,
ENABLE ALWAYS TRIGGER settlement_kept,
ENABLE ALWAYS TRIGGER settlement_not_emptied,
ENABLE ALWAYS TRIGGER settlement_repaired;

ALTER TABLE settle.account ENABLE ALWAYS TRIGGER account_kept;

ALTER TABLE settle.book ENABLE ALWAYS TRIGGER book_kept;

ALTER TABLE settle.renewal ENABLE ALWAYS TRIGGER renewal_kept;

ALTER TABLE settle.repair
ENABLE ALWAYS TRIGGER repair_kept,
ENABLE ALWAYS TRIGGER repair_given;

ALTER TABLE settle.repaired
ENABLE ALWAYS TRIGGER repaired_kept,
ENABLE ALWAYS TRIGGER repaired_given;
