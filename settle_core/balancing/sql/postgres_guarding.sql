-- The functions that the guards call. As the owner of the tables and with a search path of their
-- own, so that no setting, schema or missing right of the writer changes what they see.

CREATE OR REPLACE FUNCTION settle.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'append_only',
        MESSAGE = format('settle.%s is append-only: no %s', TG_TABLE_NAME, TG_OP),
        HINT = 'post a correction, or repair as settle_repairer';
END
$function$;

-- A snapshot that is older than the lock on the week would make every read after it a stale one.
CREATE OR REPLACE FUNCTION settle.demand_fresh_reads() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'pinned_snapshot',
            MESSAGE = 'a book is written in READ COMMITTED transactions only',
            DETAIL = current_setting('transaction_isolation');
    END IF;
END
$function$;

CREATE OR REPLACE FUNCTION settle.guard_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
DECLARE
    week_settled_at timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM settle.demand_fresh_reads();
    END IF;
    IF current_setting('role') = 'settle_repairer' THEN
        PERFORM settle.record_repair(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));
        NEW.was_late := true;
        RETURN NEW;
    END IF;
    IF NEW.entry_id <> currval('settle.entry_entry_id_seq') THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'own_id',
            MESSAGE = 'ids of entries are the database''s';
    END IF;
    -- A late row waits for the others of its week. Without a settlement there is nothing to wait
    -- for: a settlement to come waits for this transaction.
    SELECT s.settled_at INTO week_settled_at
    FROM settle.settlement AS s
    WHERE
        s.account_id = NEW.account_id
        AND s.currency = NEW.currency
        AND s.week_start = NEW.week_start
    FOR UPDATE;
    NEW.recorded_at := settle.clock();
    NEW.was_late := week_settled_at IS NOT NULL;
    IF NEW.was_late THEN
        NEW.recorded_at := GREATEST(
            NEW.recorded_at,
            week_settled_at + INTERVAL '1 microsecond',
            (
                SELECT MAX(w.recorded_at) + INTERVAL '1 microsecond'
                FROM settle.entry AS w
                WHERE
                    w.account_id = NEW.account_id
                    AND w.currency = NEW.currency
                    AND w.week_start = NEW.week_start
            )
        );
    ELSIF NEW.kind <> 'entry' THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'unsettled',
            MESSAGE = format('a %s of a week that is not settled', NEW.kind),
            HINT = format('account %s, week %s (%s)',
                NEW.account_id, NEW.week_start, NEW.currency);
    END IF;
    IF NEW.kind = 'counter' AND NOT EXISTS (
        SELECT 1
        FROM settle.entry AS e
        WHERE
            e.entry_id = NEW.answers
            AND e.kind = 'entry'
            AND e.account_id = NEW.account_id
            AND e.currency = NEW.currency
            AND e.effective_date = NEW.effective_date
            AND e.amount = -NEW.amount
            AND e.recorded_at > week_settled_at
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'no_answer',
            MESSAGE = 'a counter-entry is minus the late entry that it answers, on its account, '
            'currency and day',
            DETAIL = format('%s %s on %s of account %s does not answer entry %s',
                NEW.amount, NEW.currency, NEW.effective_date, NEW.account_id, NEW.answers);
    END IF;
    RETURN NEW;
END
$function$;

CREATE OR REPLACE FUNCTION settle.guard_settlement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
DECLARE
    last_recorded_at timestamptz;
    clock timestamptz;
BEGIN
    PERFORM settle.demand_fresh_reads();
    IF current_setting('role') = 'settle_repairer' THEN
        PERFORM settle.record_repair(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));
        RETURN NEW;
    END IF;
    -- Waits for every open transaction that has written an entry.
    LOCK TABLE settle.entry IN SHARE ROW EXCLUSIVE MODE;
    last_recorded_at := (
        SELECT MAX(e.recorded_at)
        FROM settle.entry AS e
        WHERE
            e.account_id = NEW.account_id
            AND e.currency = NEW.currency
            AND e.week_start = NEW.week_start
    );
    clock := GREATEST(settle.clock(), last_recorded_at);
    -- One statement settles many accounts at one instant, if it is one of this transaction.
    IF NEW.settled_at IS NULL OR NEW.settled_at > clock
        OR NEW.settled_at < GREATEST(transaction_timestamp(), last_recorded_at)
    THEN
        NEW.settled_at := clock;
    END IF;
    RETURN NEW;
END
$function$;

-- Whether a week holds, and, after a repair, whether each counter-entry in it answers.
CREATE OR REPLACE FUNCTION settle.demand_week(
    given_account_id text, given_currency text, given_week_start date, given_each_counter boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
DECLARE
    week record;
BEGIN
    SELECT w.* INTO week
    FROM settle.settled_week AS w
    WHERE
        w.account_id = given_account_id
        AND w.currency = given_currency
        AND w.week_start = given_week_start;
    IF week.total - week.unanswered <> week.settled_amount THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'unbalanced',
            MESSAGE = 'the week does not hold its settled amount',
            HINT = format('account %s, week %s (%s)',
                week.account_id, week.week_start, week.currency),
            DETAIL = format('a sum of %s, %s of it unanswered, against a settled amount of %s',
                week.total, week.unanswered, week.settled_amount);
    END IF;
    IF given_each_counter AND EXISTS (
        SELECT 1
        FROM settle.entry AS c
        INNER JOIN settle.entry AS e ON e.entry_id = c.answers
        LEFT JOIN settle.settlement AS s
            ON
                s.account_id = c.account_id
                AND s.currency = c.currency
                AND s.week_start = c.week_start
        WHERE
            (
                (c.account_id, c.currency, c.week_start)
                = (given_account_id, given_currency, given_week_start)
                OR (e.account_id, e.currency, e.week_start)
                = (given_account_id, given_currency, given_week_start)
            )
            AND (
                (e.kind, e.account_id, e.currency, e.effective_date, e.amount)
                <> ('entry', c.account_id, c.currency, c.effective_date, -c.amount)
                OR (e.recorded_at > s.settled_at) IS NOT TRUE
            )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'no_answer',
            MESSAGE = 'a counter-entry of the week does not answer a late entry of it',
            HINT = format('account %s, week %s (%s)',
                given_account_id, given_week_start, given_currency);
    END IF;
END
$function$;

CREATE OR REPLACE FUNCTION settle.hold_week() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $function$
DECLARE
    is_repair boolean;
BEGIN
    is_repair := EXISTS (
        SELECT 1 FROM settle.repair AS r WHERE r.transaction_id = pg_current_xact_id()
    );
    -- Of the rows that one (sub)transaction writes into a settled week the last one asks for them
    -- all: the guard gave it the highest instant. A repair gives instants of its own.
    IF TG_TABLE_NAME = 'entry' AND NOT is_repair THEN
        PERFORM 1
        FROM settle.entry AS e
        WHERE
            e.account_id = NEW.account_id
            AND e.currency = NEW.currency
            AND e.week_start = NEW.week_start
            AND e.recorded_at > NEW.recorded_at
            AND e.xmin = (SELECT m.xmin FROM settle.entry AS m WHERE m.entry_id = NEW.entry_id);
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM settle.demand_week(NEW.account_id, NEW.currency, NEW.week_start, is_repair);
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION settle.hold_repaired_week() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM settle.demand_week(OLD.account_id, OLD.currency, OLD.week_start, true);
    IF TG_OP = 'UPDATE' THEN
        PERFORM settle.demand_week(NEW.account_id, NEW.currency, NEW.week_start, true);
    END IF;
    RETURN NULL;
END
$function$;

-- The way around the append-only guards: for one role, in one transaction, with a reason. What it
-- leaves must hold at commit like everything else.
CREATE OR REPLACE FUNCTION settle.begin_repair(given_reason text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    begun_id bigint;
BEGIN
    PERFORM settle.demand_fresh_reads();
    LOCK TABLE settle.entry IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO settle.repair (reason) VALUES (given_reason) RETURNING repair_id INTO begun_id;
    RETURN begun_id;
END
$function$;

CREATE OR REPLACE FUNCTION settle.record_repair(
    given_table text, given_operation text, given_before jsonb, given_after jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    open_id bigint;
BEGIN
    open_id := (
        SELECT r.repair_id FROM settle.repair AS r WHERE r.transaction_id = pg_current_xact_id()
    );
    IF open_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'no_repair',
            MESSAGE = 'no repair is begun in this transaction',
            HINT = 'SELECT settle.begin_repair(''why'')';
    END IF;
    INSERT INTO settle.repaired (repair_id, table_name, operation, row_before, row_after)
    VALUES (open_id, given_table, given_operation, given_before, given_after);
END
$function$;

CREATE OR REPLACE FUNCTION settle.trace_repair() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM settle.record_repair(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);
        RETURN OLD;
    END IF;
    PERFORM settle.record_repair(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NEW;
END
$function$;
