-- One call, one transaction, one round trip. A name in braces stands for the statement of that
-- file, its parameters $x for given_x: the rules are the same text on both databases.
--
-- plpgsql functions are VOLATILE: under READ COMMITTED each statement in them reads anew, so what
-- comes after a lock sees all that was committed before the lock was had.
--
-- SECURITY DEFINER, with a search path of their own: a role may call them without any right on the
-- tables. How long they wait for a lock is the session's lock_timeout.
--
-- Plans are made once in a session and kept: by index only, since one made for small tables would
-- be kept when they are large.

-- A cast to the book's money would round.
CREATE OR REPLACE FUNCTION settle.demand_exact(given_amounts text []) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    rounded text;
BEGIN
    FOR rounded IN
    SELECT a.amount
    FROM UNNEST(given_amounts) AS a (amount)
    WHERE a.amount::numeric <> a.amount::settle.money
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'inexact',
            MESSAGE = 'an amount has more decimals than the book holds', DETAIL = rounded;
    END LOOP;
END
$function$;

CREATE OR REPLACE FUNCTION settle.owed(given_account_id text, given_week_start date)
RETURNS TABLE (entry_id bigint, account_id text, currency text, week_start date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    {owed};
END
$function$;

-- For those who hold the locks; nobody else is granted it.
CREATE OR REPLACE FUNCTION settle.answer_locked(
    given_entry_ids bigint [], given_job_id text, given_attempt integer
) RETURNS TABLE (
    entry_id bigint, answers bigint, account_id text, effective_date date, amount settle.money,
    currency text
)
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    {answer};
END
$function$;

CREATE OR REPLACE FUNCTION settle.answer(
    given_entry_ids bigint [], given_job_id text, given_attempt integer
) RETURNS TABLE (
    entry_id bigint, answers bigint, account_id text, effective_date date, amount settle.money,
    currency text
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM settle.demand_fresh_reads();
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
    given_memos text [], given_job_id text, given_attempt integer, given_answer boolean
) RETURNS TABLE (idempotency_key text, entry_id bigint, counter_id bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
    given_kind CONSTANT text := 'entry';
    used record;
    entered integer;
    is_settled boolean;
    entry_ids bigint [];
BEGIN
    PERFORM settle.demand_fresh_reads();
    PERFORM settle.demand_exact(given_amounts);
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
            RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'key_reused',
                MESSAGE = 'the key was used for another entry',
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

-- One posting, as nearly all are: no lists. A key that was used before is left to the function for
-- many.
CREATE OR REPLACE FUNCTION settle.post_one(
    given_key text, given_account_id text, given_currency text, given_week_start date,
    given_effective_date date, given_amount text, given_memo text, given_job_id text,
    given_attempt integer, given_answer boolean,
    OUT idempotency_key text, OUT entry_id bigint, OUT counter_id bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    entered record;
BEGIN
    IF given_amount::numeric <> given_amount::settle.money THEN
        PERFORM settle.demand_exact(ARRAY[given_amount]);
    END IF;
    -- The locks before the id is drawn, so that in a settled week the order of ids is that of
    -- commits, which `last_seen` relies on.
    LOCK TABLE settle.entry IN ROW EXCLUSIVE MODE;
    PERFORM 1
    FROM settle.settlement AS s
    WHERE
        s.account_id = given_account_id
        AND s.currency = given_currency
        AND s.week_start = given_week_start
    FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM 1
        FROM settle.account AS a
        WHERE a.account_id = given_account_id AND a.currency = given_currency;
        IF NOT FOUND THEN
            INSERT INTO settle.account (account_id, currency)
            VALUES (given_account_id, given_currency)
            ON CONFLICT DO NOTHING;
        END IF;
    END IF;
    INSERT INTO settle.entry (
        account_id, currency, week_start, effective_date, amount, kind, job_id, attempt, memo,
        idempotency_key
    )
    VALUES (
        given_account_id, given_currency, given_week_start, given_effective_date,
        given_amount::numeric, 'entry', given_job_id, given_attempt, given_memo, given_key
    )
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING settle.entry.entry_id, settle.entry.was_late INTO entered;
    IF NOT FOUND THEN
        SELECT p.* INTO idempotency_key, entry_id, counter_id
        FROM settle.post(
            ARRAY[given_key], ARRAY[given_account_id], ARRAY[given_currency],
            ARRAY[given_week_start], ARRAY[given_effective_date], ARRAY[given_amount],
            ARRAY[given_memo], given_job_id, given_attempt, given_answer
        ) AS p;
        RETURN;
    END IF;
    idempotency_key := given_key;
    entry_id := entered.entry_id;
    IF entered.was_late AND given_answer THEN
        counter_id := (
            SELECT a.entry_id
            FROM settle.answer(ARRAY[entered.entry_id], given_job_id, given_attempt) AS a
        );
    END IF;
END
$function$;

CREATE OR REPLACE FUNCTION settle.correct(
    given_keys text [], given_account_ids text [], given_currencies text [],
    given_week_starts date [], given_effective_dates date [], given_amounts text [],
    given_memos text [], given_job_id text, given_attempt integer
) RETURNS TABLE (idempotency_key text, entry_id bigint, counter_id bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
    given_kind CONSTANT text := 'correction';
    used record;
    missing record;
BEGIN
    PERFORM settle.demand_fresh_reads();
    PERFORM settle.demand_exact(given_amounts);
    LOCK TABLE settle.entry IN ROW EXCLUSIVE MODE;
    PERFORM 1
    FROM settle.settlement AS s
    WHERE (s.account_id, s.currency, s.week_start) IN (
        SELECT * FROM UNNEST(given_account_ids, given_currencies, given_week_starts)
    )
    ORDER BY s.account_id, s.currency, s.week_start
    FOR UPDATE;
    FOR missing IN
    {unsettled}
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'unsettled',
            MESSAGE = 'a correction of a week that is not settled', HINT = missing.place;
    END LOOP;
    RETURN QUERY
    {enter};
    FOR used IN
    {reused}
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'key_reused',
            MESSAGE = 'the key was used for another entry',
            DETAIL = used.found, HINT = used.idempotency_key;
    END LOOP;
    PERFORM settle.demand_week(p.account_id, p.currency, p.week_start, false)
    FROM UNNEST(given_account_ids, given_currencies, given_week_starts)
        AS p (account_id, currency, week_start);
    RETURN QUERY
    {posted};
END
$function$;

CREATE OR REPLACE FUNCTION settle.settle(
    given_week_start date, given_account_ids text [], given_currency text
) RETURNS TABLE (
    account_id text, week_start date, settled_amount settle.money,
    settled_at timestamptz, currency text
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    earlier record;
BEGIN
    PERFORM settle.demand_fresh_reads();
    -- Waits for every open transaction that has written an entry, by this library or around it.
    LOCK TABLE settle.entry IN SHARE ROW EXCLUSIVE MODE;
    FOR earlier IN
    {settled}
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', CONSTRAINT = 'settled_before',
            MESSAGE = 'the week is settled already',
            DETAIL = earlier.settled_amount || ' ' || earlier.currency || ' at '
            || earlier.settled_at, HINT = 'account ' || earlier.account_id;
    END LOOP;
    {open_unknown};
    {fix};
    RETURN QUERY
    {settled};
END
$function$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA settle FROM PUBLIC;
