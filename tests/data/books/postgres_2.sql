
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA settle;

CREATE DOMAIN settle.money AS numeric(18,2);

CREATE FUNCTION settle.answer(given_entry_ids bigint[], given_job_id text, given_attempt integer, given_wait_ms integer) RETURNS TABLE(entry_id bigint, answers bigint, account_id text, effective_date date, amount settle.money, currency text)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
$$;

CREATE FUNCTION settle.answer_locked(given_entry_ids bigint[], given_job_id text, given_attempt integer) RETURNS TABLE(entry_id bigint, answers bigint, account_id text, effective_date date, amount settle.money, currency text)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    broken record;
BEGIN
    RETURN QUERY
    -- THE rule of balancing: a late entry is answered by one counter-entry, of its day and of minus
WITH late AS (
    SELECT
        e.entry_id,
        e.account_id,
        e.currency,
        e.week_start,
        e.effective_date,
        e.amount
    FROM settle.entry AS e
    INNER JOIN settle.settlement AS s
        ON
            s.account_id = e.account_id
            AND s.currency = e.currency
            AND s.week_start = e.week_start
    WHERE
        e.entry_id = ANY(given_entry_ids)
        AND e.kind = 'entry'
        AND e.recorded_at > s.settled_at
        AND NOT EXISTS (SELECT 1 FROM settle.entry AS c WHERE c.answers = e.entry_id)
),

late_day AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start,
        effective_date
    FROM late
),

witness AS (
    SELECT
        d.account_id,
        d.currency,
        d.effective_date,
        seen.observed,
        seen.last_seen,
        latest.recorded_at
    FROM late_day AS d
    CROSS JOIN LATERAL (
        SELECT
            SUM(r.amount) AS observed,
            MAX(r.entry_id) AS last_seen
        FROM settle.entry AS r
        WHERE
            r.account_id = d.account_id
            AND r.currency = d.currency
            AND r.week_start = d.week_start
            AND r.effective_date = d.effective_date
    ) AS seen
    CROSS JOIN LATERAL (
        SELECT MAX(r.recorded_at) AS recorded_at
        FROM settle.entry AS r
        WHERE
            r.account_id = d.account_id
            AND r.currency = d.currency
            AND r.week_start = d.week_start
    ) AS latest
)

INSERT INTO settle.entry (
    account_id, currency, week_start, effective_date, amount, kind, recorded_at, job_id, attempt,
    answers, observed, last_seen
)
SELECT
    l.account_id,
    l.currency,
    l.week_start,
    l.effective_date,
    -l.amount,
    'counter',
    GREATEST(settle.clock(), w.recorded_at + INTERVAL '1 microsecond'),
    CAST(given_job_id AS VARCHAR),
    CAST(given_attempt AS INTEGER),
    l.entry_id,
    w.observed,
    w.last_seen
FROM late AS l
INNER JOIN witness AS w
    ON
        w.account_id = l.account_id
        AND w.currency = l.currency
        AND w.effective_date = l.effective_date
ORDER BY l.entry_id
RETURNING entry_id, answers, account_id, effective_date, amount, currency;
    FOR broken IN
    -- Weeks of these entries whose two paths to the residual differ: the sum of the week minus what was
WITH week AS (
    SELECT DISTINCT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        s.settled_at
    FROM settle.entry AS e
    INNER JOIN settle.settlement AS s
        ON
            s.account_id = e.account_id
            AND s.currency = e.currency
            AND s.week_start = e.week_start
    WHERE e.entry_id = ANY(given_entry_ids)
)

SELECT
    'account ' || w.account_id || ', week ' || CAST(w.week_start AS VARCHAR)
    || ' (' || w.currency || ')' AS place,
    'a sum of ' || CAST(every.total AS VARCHAR) || ', ' || CAST(late.unanswered AS VARCHAR)
    || ' of it unanswered, against a settled amount of ' || CAST(w.settled_amount AS VARCHAR)
        AS found
FROM week AS w
CROSS JOIN LATERAL (
    SELECT SUM(r.amount) AS total
    FROM settle.entry AS r
    WHERE
        r.account_id = w.account_id
        AND r.currency = w.currency
        AND r.week_start = w.week_start
) AS every
CROSS JOIN LATERAL (
    SELECT COALESCE(SUM(r.amount), 0) AS unanswered
    FROM settle.entry AS r
    WHERE
        r.account_id = w.account_id
        AND r.currency = w.currency
        AND r.week_start = w.week_start
        AND r.recorded_at > w.settled_at
        AND r.kind = 'entry'
        AND NOT EXISTS (SELECT 1 FROM settle.entry AS c WHERE c.answers = r.entry_id)
) AS late
WHERE every.total - w.settled_amount <> late.unanswered
ORDER BY w.account_id, w.currency, w.week_start
LIMIT 1
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'unbalanced',
            DETAIL = broken.found, HINT = broken.place;
    END LOOP;
END
$$;

CREATE FUNCTION settle.clock() RETURNS timestamp with time zone
    LANGUAGE sql
    RETURN clock_timestamp();

CREATE FUNCTION settle.demand_fresh_reads(given_wait_ms integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'pinned_snapshot',
            DETAIL = current_setting('transaction_isolation');
    END IF;
    PERFORM set_config('lock_timeout', given_wait_ms::text, true);
END
$$;

CREATE FUNCTION settle.post(given_keys text[], given_account_ids text[], given_currencies text[], given_week_starts date[], given_effective_dates date[], given_amounts text[], given_memos text[], given_job_id text, given_attempt integer, given_answer boolean, given_kind text, given_wait_ms integer) RETURNS TABLE(idempotency_key text, entry_id bigint, counter_id bigint)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
    -- Accounts that these postings are the first of. In one order, so that two writers that open the
INSERT INTO settle.account (account_id, currency)
SELECT DISTINCT
    p.account_id,
    p.currency
FROM (
    SELECT
        UNNEST(CAST(given_account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST(given_currencies AS VARCHAR [])) AS currency
) AS p
WHERE
    NOT EXISTS (
        SELECT 1
        FROM settle.account AS a
        WHERE a.account_id = p.account_id AND a.currency = p.currency
    )
ORDER BY p.account_id, p.currency
ON CONFLICT DO NOTHING;
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
        -- Postings to weeks that are not settled: there is nothing to correct.
SELECT
    'account ' || p.account_id || ', week ' || CAST(p.week_start AS VARCHAR)
    || ' (' || p.currency || ')' AS place
FROM (
    SELECT
        UNNEST(CAST(given_account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST(given_currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST(given_week_starts AS DATE [])) AS week_start
) AS p
LEFT JOIN settle.settlement AS s
    ON
        s.account_id = p.account_id
        AND s.currency = p.currency
        AND s.week_start = p.week_start
WHERE s.account_id IS NULL
ORDER BY p.account_id, p.currency, p.week_start
LIMIT 1
        LOOP
            RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'unsettled', HINT = missing.place;
        END LOOP;
    END IF;
    RETURN QUERY
    -- Postings become entries, or corrections; one whose key is known is left alone. What comes into a
INSERT INTO settle.entry (
    account_id, currency, week_start, effective_date, amount, kind, recorded_at, job_id, attempt,
    memo, idempotency_key
)
SELECT
    p.account_id,
    p.currency,
    p.week_start,
    p.effective_date,
    CAST(p.amount AS DECIMAL(26, 8)),
    CAST(given_kind AS VARCHAR),
    CASE
        WHEN s.settled_at IS NULL THEN settle.clock()
        ELSE
            GREATEST(
                settle.clock(),
                s.settled_at + INTERVAL '1 microsecond',
                (
                    SELECT MAX(w.recorded_at) + INTERVAL '1 microsecond'
                    FROM settle.entry AS w
                    WHERE
                        w.account_id = s.account_id
                        AND w.currency = s.currency
                        AND w.week_start = s.week_start
                )
            )
    END,
    CAST(given_job_id AS VARCHAR),
    CAST(given_attempt AS INTEGER),
    p.memo,
    p.idempotency_key
FROM (
    SELECT
        GENERATE_SUBSCRIPTS(CAST(given_keys AS VARCHAR []), 1) AS place,
        UNNEST(CAST(given_keys AS VARCHAR [])) AS idempotency_key,
        UNNEST(CAST(given_account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST(given_currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST(given_week_starts AS DATE [])) AS week_start,
        UNNEST(CAST(given_effective_dates AS DATE [])) AS effective_date,
        UNNEST(CAST(given_amounts AS VARCHAR [])) AS amount,
        UNNEST(CAST(given_memos AS VARCHAR [])) AS memo
) AS p
LEFT JOIN settle.settlement AS s
    ON
        s.account_id = p.account_id
        AND s.currency = p.currency
        AND s.week_start = p.week_start
ORDER BY p.place
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING idempotency_key, entry_id, CAST(NULL AS BIGINT) AS counter_id;
    GET DIAGNOSTICS entered = ROW_COUNT;
    IF entered = CARDINALITY(given_keys) AND NOT is_settled THEN
        RETURN;
    END IF;
    IF entered < CARDINALITY(given_keys) THEN
        FOR used IN
        -- A key that was used before, for an entry with other contents.
SELECT
    p.idempotency_key,
    e.kind || ' ' || CAST(e.entry_id AS VARCHAR) || ' of account ' || e.account_id || ' on '
    || CAST(e.effective_date AS VARCHAR) || ', ' || CAST(e.amount AS VARCHAR) || ' ' || e.currency
        AS found
FROM (
    SELECT
        UNNEST(CAST(given_keys AS VARCHAR [])) AS idempotency_key,
        UNNEST(CAST(given_account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST(given_currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST(given_effective_dates AS DATE [])) AS effective_date,
        UNNEST(CAST(given_amounts AS VARCHAR [])) AS amount,
        UNNEST(CAST(given_memos AS VARCHAR [])) AS memo
) AS p
INNER JOIN settle.entry AS e ON e.idempotency_key = p.idempotency_key
WHERE
    e.account_id <> p.account_id
    OR e.currency <> p.currency
    OR e.effective_date <> p.effective_date
    OR e.amount <> CAST(p.amount AS DECIMAL(26, 8))
    OR e.memo IS DISTINCT FROM p.memo
    OR e.kind <> given_kind
ORDER BY e.entry_id
LIMIT 1
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
    -- What these keys stand for: each one's entry, and the counter-entry that answers it.
SELECT
    e.idempotency_key,
    e.entry_id,
    c.entry_id AS counter_id
FROM settle.entry AS e
LEFT JOIN settle.entry AS c ON c.answers = e.entry_id
WHERE e.idempotency_key = ANY(given_keys);
END
$$;

CREATE FUNCTION settle.settle(given_week_start date, given_account_ids text[], given_currency text, given_wait_ms integer) RETURNS TABLE(account_id text, week_start date, settled_amount settle.money, settled_at timestamp with time zone, currency text)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    earlier record;
BEGIN
    PERFORM settle.demand_fresh_reads(given_wait_ms);
    -- Waits for every open transaction that has written an entry, by this library or around it.
    LOCK TABLE settle.entry IN SHARE ROW EXCLUSIVE MODE;
    FOR earlier IN
    -- The settlements that there are of a week, of these accounts or of all.
SELECT
    account_id,
    week_start,
    settled_amount,
    settled_at,
    currency
FROM settle.settlement
WHERE
    week_start = given_week_start
    AND (CAST(given_account_ids AS VARCHAR []) IS NULL OR account_id = ANY(given_account_ids))
ORDER BY account_id, currency
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'settled_before',
            DETAIL = earlier.settled_amount || ' ' || earlier.currency || ' at '
            || earlier.settled_at, HINT = 'account ' || earlier.account_id;
    END LOOP;
    -- Accounts to settle that never had an entry: their week is settled at zero.
INSERT INTO settle.account (account_id, currency)
SELECT DISTINCT
    p.account_id,
    given_currency
FROM (SELECT UNNEST(CAST(given_account_ids AS VARCHAR [])) AS account_id) AS p
WHERE NOT EXISTS (SELECT 1 FROM settle.account AS a WHERE a.account_id = p.account_id)
ORDER BY p.account_id
ON CONFLICT DO NOTHING;
    -- Fix the week's amount of these accounts, or of all that the book knows: the sum of what is there.
INSERT INTO settle.settlement (account_id, currency, week_start, settled_amount, settled_at)
SELECT
    a.account_id,
    a.currency,
    given_week_start,
    COALESCE(SUM(e.amount), 0),
    GREATEST(MIN(c.clock), MAX(e.recorded_at))
FROM settle.account AS a
CROSS JOIN (SELECT settle.clock() AS clock) AS c
LEFT JOIN settle.entry AS e
    ON
        e.account_id = a.account_id
        AND e.currency = a.currency
        AND e.week_start = given_week_start
WHERE CAST(given_account_ids AS VARCHAR []) IS NULL OR a.account_id = ANY(given_account_ids)
GROUP BY a.account_id, a.currency
ORDER BY a.account_id, a.currency;
    RETURN QUERY
    -- The settlements that there are of a week, of these accounts or of all.
SELECT
    account_id,
    week_start,
    settled_amount,
    settled_at,
    currency
FROM settle.settlement
WHERE
    week_start = given_week_start
    AND (CAST(given_account_ids AS VARCHAR []) IS NULL OR account_id = ANY(given_account_ids))
ORDER BY account_id, currency;
END
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE settle.account (
    account_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT account_account_id_check CHECK ((account_id <> ''::text))
);

CREATE TABLE settle.book (
    version integer NOT NULL,
    scale integer NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    week_offset_days integer NOT NULL,
    CONSTRAINT book_week_offset_days_check CHECK (((week_offset_days >= 0) AND (week_offset_days <= 6)))
);

CREATE TABLE settle.entry (
    entry_id bigint NOT NULL,
    account_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    week_start date NOT NULL,
    effective_date date NOT NULL,
    amount settle.money NOT NULL,
    kind text NOT NULL,
    recorded_at timestamp with time zone DEFAULT settle.clock() NOT NULL,
    job_id text,
    attempt integer,
    answers bigint,
    memo text,
    observed settle.money,
    last_seen bigint,
    idempotency_key text COLLATE pg_catalog."C",
    CONSTRAINT entry_check CHECK (((effective_date >= week_start) AND (effective_date <= (week_start + 6)))),
    CONSTRAINT entry_check1 CHECK (((kind = 'counter'::text) = (answers IS NOT NULL))),
    CONSTRAINT entry_check2 CHECK (((kind = 'counter'::text) = (observed IS NOT NULL))),
    CONSTRAINT entry_check3 CHECK (((kind = 'counter'::text) = (last_seen IS NOT NULL))),
    CONSTRAINT entry_check4 CHECK ((answers <= last_seen)),
    CONSTRAINT entry_check5 CHECK (((kind <> 'correction'::text) OR (idempotency_key IS NOT NULL))),
    CONSTRAINT entry_kind_check CHECK ((kind = ANY (ARRAY['entry'::text, 'counter'::text, 'correction'::text])))
);

CREATE VIEW settle.entries AS
 SELECT entry_id,
    account_id,
    effective_date,
    amount,
    kind,
    recorded_at,
    job_id,
    attempt,
    answers,
    currency,
    memo,
    observed,
    last_seen
   FROM settle.entry;

ALTER TABLE settle.entry ALTER COLUMN entry_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME settle.entry_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE settle.settlement (
    account_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    week_start date NOT NULL,
    settled_amount settle.money NOT NULL,
    settled_at timestamp with time zone NOT NULL
);

CREATE VIEW settle.settlements AS
 SELECT account_id,
    week_start,
    settled_amount,
    settled_at,
    currency
   FROM settle.settlement;

INSERT INTO settle.account VALUES ('B', 'EUR');
INSERT INTO settle.account VALUES ('a', 'EUR');
INSERT INTO settle.account VALUES ('ä', 'EUR');
INSERT INTO settle.account VALUES ('a', 'USD');

INSERT INTO settle.book VALUES (2, 2, 'EUR', 2);

INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (1, 'a', 'EUR', '2026-08-05', '2026-08-05', 1.50, 'entry', '2026-11-26 09:37:45.972448+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'a 0');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (2, 'a', 'EUR', '2026-08-05', '2026-08-06', 3.00, 'entry', '2026-11-26 09:37:45.972694+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'a 1');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (3, 'a', 'EUR', '2026-08-05', '2026-08-07', 4.50, 'entry', '2026-11-26 09:37:45.97271+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'a 2');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (4, 'ä', 'EUR', '2026-08-05', '2026-08-05', 1.50, 'entry', '2026-11-26 09:37:45.972717+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'ä 0');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (5, 'ä', 'EUR', '2026-08-05', '2026-08-06', 3.00, 'entry', '2026-11-26 09:37:45.972722+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'ä 1');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (6, 'ä', 'EUR', '2026-08-05', '2026-08-07', 4.50, 'entry', '2026-11-26 09:37:45.972727+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'ä 2');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (7, 'B', 'EUR', '2026-08-05', '2026-08-05', 1.50, 'entry', '2026-11-26 09:37:45.972731+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'B 0');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (8, 'B', 'EUR', '2026-08-05', '2026-08-06', 3.00, 'entry', '2026-11-26 09:37:45.972736+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'B 1');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (9, 'B', 'EUR', '2026-08-05', '2026-08-07', 4.50, 'entry', '2026-11-26 09:37:45.972741+00', NULL, NULL, NULL, 'on time', NULL, NULL, 'B 2');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (10, 'a', 'USD', '2026-08-12', '2026-08-13', 7.00, 'entry', '2026-11-26 09:37:45.985119+00', NULL, NULL, NULL, NULL, NULL, NULL, '222b38abc57d470092664fbcc0755b42');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (11, 'a', 'EUR', '2026-08-05', '2026-08-06', 2.25, 'entry', '2026-11-26 09:37:45.997531+00', 'job 1', 1, NULL, NULL, NULL, NULL, 'late');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (12, 'a', 'EUR', '2026-08-05', '2026-08-06', -2.25, 'counter', '2026-11-26 09:37:45.999276+00', 'job 1', 1, 11, NULL, 5.25, 11, NULL);
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (13, 'B', 'EUR', '2026-08-05', '2026-08-06', -2.25, 'entry', '2026-11-26 09:37:46.008763+00', 'job 2', NULL, NULL, NULL, NULL, NULL, 'left');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (14, 'a', 'EUR', '2026-08-05', '2026-08-07', 0.10, 'entry', '2026-11-26 09:37:46.012684+00', NULL, NULL, NULL, NULL, NULL, NULL, 'late too');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (15, 'a', 'EUR', '2026-08-05', '2026-08-07', -0.10, 'counter', '2026-11-26 09:37:46.012903+00', NULL, NULL, 14, NULL, 4.60, 14, NULL);
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (16, 'ä', 'EUR', '2026-08-05', '2026-08-06', 1.00, 'correction', '2026-11-26 09:37:46.020782+00', NULL, NULL, NULL, NULL, NULL, NULL, 'there');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (17, 'ä', 'EUR', '2026-08-05', '2026-08-06', -1.00, 'correction', '2026-11-26 09:37:46.020851+00', NULL, NULL, NULL, NULL, NULL, NULL, 'back');
INSERT INTO settle.entry OVERRIDING SYSTEM VALUE VALUES (18, 'ä', 'EUR', '2026-08-12', '2026-08-14', 3.00, 'entry', '2026-11-26 09:37:46.032762+00', NULL, NULL, NULL, NULL, NULL, NULL, 'open week');

INSERT INTO settle.settlement VALUES ('B', 'EUR', '2026-08-05', 9.00, '2026-11-26 09:37:45.993545+00');
INSERT INTO settle.settlement VALUES ('a', 'EUR', '2026-08-05', 9.00, '2026-11-26 09:37:45.993545+00');
INSERT INTO settle.settlement VALUES ('a', 'USD', '2026-08-05', 0.00, '2026-11-26 09:37:45.993545+00');
INSERT INTO settle.settlement VALUES ('ä', 'EUR', '2026-08-05', 9.00, '2026-11-26 09:37:45.993545+00');

SELECT pg_catalog.setval('settle.entry_entry_id_seq', 18, true);

ALTER TABLE ONLY settle.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (account_id, currency);

ALTER TABLE ONLY settle.book
    ADD CONSTRAINT book_pkey PRIMARY KEY (version);

ALTER TABLE ONLY settle.entry
    ADD CONSTRAINT entry_answers_key UNIQUE (answers);

ALTER TABLE ONLY settle.entry
    ADD CONSTRAINT entry_idempotency_key_key UNIQUE (idempotency_key);

ALTER TABLE ONLY settle.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY settle.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (account_id, currency, week_start);

CREATE INDEX entry_of_week ON settle.entry USING btree (account_id, currency, week_start, recorded_at);

ALTER TABLE ONLY settle.entry
    ADD CONSTRAINT entry_account_id_currency_fkey FOREIGN KEY (account_id, currency) REFERENCES settle.account(account_id, currency);

ALTER TABLE ONLY settle.entry
    ADD CONSTRAINT entry_answers_fkey FOREIGN KEY (answers) REFERENCES settle.entry(entry_id);

ALTER TABLE ONLY settle.settlement
    ADD CONSTRAINT settlement_account_id_currency_fkey FOREIGN KEY (account_id, currency) REFERENCES settle.account(account_id, currency);

