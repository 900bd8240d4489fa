-- The tables of a book on PostgreSQL. The same names as on DuckDB, so that every other statement
-- here runs on both. Text is compared by its bytes, as DuckDB does.
CREATE SCHEMA settle;

CREATE DOMAIN settle.money AS numeric(18, {scale});

CREATE FUNCTION settle.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN clock_timestamp();

CREATE TABLE settle.book (
    version integer PRIMARY KEY,
    scale integer NOT NULL,
    currency text COLLATE "C" NOT NULL,
    week_offset_days integer NOT NULL CHECK (week_offset_days BETWEEN 0 AND 6)
);

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
    FOREIGN KEY (account_id, currency) REFERENCES settle.account
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
    FOREIGN KEY (account_id, currency) REFERENCES settle.account,
    CHECK (effective_date BETWEEN week_start AND week_start + 6),
    CHECK ((kind = 'counter') = (answers IS NOT NULL)),
    CHECK ((kind = 'counter') = (observed IS NOT NULL)),
    CHECK ((kind = 'counter') = (last_seen IS NOT NULL)),
    CHECK (answers <= last_seen),
    CHECK (kind <> 'correction' OR idempotency_key IS NOT NULL)
);

CREATE INDEX entry_of_week ON settle.entry (account_id, currency, week_start, recorded_at);

-- What is exported: the names of the data contract.
CREATE VIEW settle.entries AS
SELECT
    entry_id,
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

CREATE VIEW settle.settlements AS
SELECT
    account_id,
    week_start,
    settled_amount,
    settled_at,
    currency
FROM settle.settlement;
