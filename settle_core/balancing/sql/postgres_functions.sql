-- One call, one transaction, one round trip. A name in braces stands for the statement of that
-- file, its parameters $x for given_x: the rules are the same text on both databases.
--
-- plpgsql functions are VOLATILE: under READ COMMITTED each statement in them reads anew, so what
-- comes after a lock sees all that was committed before the lock was had.
--
-- Plans are made once in a session and kept: by index only, since one made for small tables would
-- be kept when they are large.

-- A snapshot that is older than the lock would make every read after the lock a stale one.
CREATE OR REPLACE FUNCTION settle.demand_fresh_reads(given_wait_ms integer) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'pinned_snapshot',
            DETAIL = current_setting('transaction_isolation');
    END IF;
    PERFORM set_config('lock_timeout', given_wait_ms::text, true);
END
$function$;

-- For those who hold the locks.
CREATE OR REPLACE FUNCTION settle.answer_locked(
    given_entry_ids bigint [], given_job_id text, given_attempt integer
) RETURNS TABLE (
    entry_id bigint, answers bigint, account_id text, effective_date date, amount settle.money,
    currency text
)
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
    broken record;
BEGIN
    RETURN QUERY
    {answer};
    FOR broken IN
    {unbalanced}
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'unbalanced',
            DETAIL = broken.found, HINT = broken.place;
    END LOOP;
END
$function$;

CREATE OR REPLACE FUNCTION settle.answer(
    given_entry_ids bigint [], given_job_id text, given_attempt integer, given_wait_ms integer
) RETURNS TABLE (
    entry_id bigint, answers bigint, account_id text, effective_date date, amount settle.money,
    currency text
)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM settle.demand_fresh_reads(given_wait_ms);
    LOCK TABLE settle.entry IN ROW EXCLUSIVE MODE;
    -- In one order for all writers, so that none waits in a circle.
    PERFORM 1
    FROM settle.settlement AS s
    WHERE (s.account_id, s.currency, s.week_start) IN (
        SELECT e.account_id, e.currency, e.week_start
        FROM settle.entry AS e
        WHERE e.entry_id = ANY(given_entry_ids)
    )
    ORDER BY s.account_id, s.currency, s.week_start
    FOR UPDATE;
    RETURN QUERY
    SELECT * FROM settle.answer_locked(given_entry_ids, given_job_id, given_attempt);
END
$function$;

CREATE OR REPLACE FUNCTION settle.post(
    given_keys text [], given_account_ids text [], given_currencies text [],
    given_week_starts date [], given_effective_dates date [], given_amounts text [],
    given_memos text [], given_job_id text, given_attempt integer, given_answer boolean,
    given_kind text, given_wait_ms integer
) RETURNS TABLE (idempotency_key text, entry_id bigint, counter_id bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
    used record;
    entered integer;
    is_settled boolean;
    missing record;
    entry_ids bigint [];
BEGIN
    PERFORM settle.demand_fresh_reads(given_wait_ms);
    -- Shared by all writers; a settlement waits for those that have it, and holds up those to come.
    LOCK TABLE settle.entry IN ROW EXCLUSIVE MODE;
    {open_account};
    -- The row exists, or else this is no late entry: a lock on no row would hold up nobody.
    PERFORM 1
    FROM settle.settlement AS s
    WHERE (s.account_id, s.currency, s.week_start) IN (
        SELECT * FROM UNNEST(given_account_ids, given_currencies, given_week_starts)
    )
    ORDER BY s.account_id, s.currency, s.week_start
    FOR UPDATE;
    is_settled := FOUND;
    IF given_kind = 'correction' THEN
        FOR missing IN
        {unsettled}
        LOOP
            RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'unsettled', HINT = missing.place;
        END LOOP;
    END IF;
    RETURN QUERY
    {enter};
    GET DIAGNOSTICS entered = ROW_COUNT;
    IF entered = CARDINALITY(given_keys) AND NOT is_settled THEN
        RETURN;
    END IF;
    IF entered < CARDINALITY(given_keys) THEN
        FOR used IN
        {reused}
        LOOP
            RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'key_reused',
                DETAIL = used.found, HINT = used.idempotency_key;
        END LOOP;
    END IF;
    IF is_settled AND given_answer THEN
        entry_ids := ARRAY(
            SELECT e.entry_id
            FROM settle.entry AS e
            WHERE e.idempotency_key = ANY(given_keys)
            ORDER BY e.entry_id
        );
        -- In parts, because the plan is one for few.
        FOR place IN 1..CARDINALITY(entry_ids) BY 1000 LOOP
            PERFORM settle.answer_locked(
                entry_ids[place:place + 999], given_job_id, given_attempt
            );
        END LOOP;
    END IF;
    -- After what was entered, so that of a key's rows the last one holds.
    RETURN QUERY
    {posted};
END
$function$;

CREATE OR REPLACE FUNCTION settle.settle(
    given_week_start date, given_account_ids text [], given_currency text, given_wait_ms integer
) RETURNS TABLE (
    account_id text, week_start date, settled_amount settle.money,
    settled_at timestamptz, currency text
)
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
    earlier record;
BEGIN
    PERFORM settle.demand_fresh_reads(given_wait_ms);
    -- Waits for every open transaction that has written an entry, by this library or around it.
    LOCK TABLE settle.entry IN SHARE ROW EXCLUSIVE MODE;
    FOR earlier IN
    {settled}
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'settled_before',
            DETAIL = earlier.settled_amount || ' ' || earlier.currency || ' at '
            || earlier.settled_at, HINT = 'account ' || earlier.account_id;
    END LOOP;
    {open_unknown};
    {fix};
    RETURN QUERY
    {settled};
END
$function$;
