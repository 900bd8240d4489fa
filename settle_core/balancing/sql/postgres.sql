-- The tables of a book on PostgreSQL. The same names as on DuckDB, so that every other statement
-- here runs on both. Text is compared by its bytes, as DuckDB does. What a row must be by itself is
-- a constraint here; what it must be next to others is held by `postgres_guards.sql`.
CREATE SCHEMA settle;

CREATE DOMAIN settle.money AS numeric(18, {scale}) CONSTRAINT finite CHECK (VALUE <> 'NaN');

CREATE FUNCTION settle.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN clock_timestamp();

CREATE TABLE settle.book (
    version integer PRIMARY KEY,
    scale integer NOT NULL,
    currency text COLLATE "C" NOT NULL,
    week_offset_days integer NOT NULL CHECK (week_offset_days BETWEEN 0 AND 6)
);

CREATE UNIQUE INDEX one_book ON settle.book ((true));

CREATE TABLE settle.account (
    account_id text COLLATE "C" NOT NULL CHECK (account_id <> ''),
    currency text COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, currency)
);

CREATE TABLE settle.settlement (
    account_id text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    week_start date NOT NULL,
    settled_amount settle.money NOT NULL,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, currency, week_start),
    FOREIGN KEY (account_id, currency) REFERENCES settle.account,
    CONSTRAINT first_day_of_a_week CHECK (
        week_start BETWEEN '0001-01-01' AND '9999-12-31'
        AND (week_start - DATE '0001-01-01') % 7 = {week_offset_days}
    ),
    CONSTRAINT an_instant CHECK (isfinite(settled_at))
);

CREATE TABLE settle.entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    week_start date NOT NULL,
    effective_date date NOT NULL,
    amount settle.money NOT NULL,
    kind text NOT NULL CHECK (kind IN ('entry', 'counter', 'correction')),
    recorded_at timestamptz NOT NULL DEFAULT settle.clock(),
    job_id text,
    attempt integer,
    answers bigint UNIQUE REFERENCES settle.entry,
    memo text,
    observed settle.money,
    last_seen bigint,
    idempotency_key text COLLATE "C" UNIQUE,
    was_late boolean NOT NULL DEFAULT false,  -- when it was written; the guards' own
    FOREIGN KEY (account_id, currency) REFERENCES settle.account,
    CHECK (effective_date BETWEEN week_start AND week_start + 6),
    CHECK ((kind = 'counter') = (answers IS NOT NULL)),
    CHECK ((kind = 'counter') = (observed IS NOT NULL)),
    CHECK ((kind = 'counter') = (last_seen IS NOT NULL)),
    CHECK (answers <= last_seen),
    CHECK (kind <> 'correction' OR idempotency_key IS NOT NULL),
    CONSTRAINT week_of_the_day CHECK (
        week_start BETWEEN '0001-01-01' AND '9999-12-31'
        AND (week_start - DATE '0001-01-01') % 7 = {week_offset_days}
    )
);

CREATE INDEX entry_of_week ON settle.entry (account_id, currency, week_start, recorded_at);
