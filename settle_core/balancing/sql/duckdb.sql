-- The tables of a book on DuckDB. The same names as on PostgreSQL, so that every other statement
-- here runs on both. Instants are UTC without a zone. What must hold next to other rows is in
-- `duckdb_guards.sql`.
CREATE SCHEMA settle;

CREATE TYPE settle.money AS DECIMAL(18, {scale});

-- Equal to the start of the transaction, which starts under the lock of the whole file.
CREATE MACRO settle.clock() AS CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP);

CREATE TABLE settle.book (
    version INTEGER PRIMARY KEY,
    scale INTEGER NOT NULL,
    currency VARCHAR NOT NULL,
    week_offset_days INTEGER NOT NULL CHECK (week_offset_days BETWEEN 0 AND 6)
);

CREATE TABLE settle.account (
    account_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    PRIMARY KEY (account_id, currency)
);

CREATE TABLE settle.settlement (
    account_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    week_start DATE NOT NULL,
    settled_amount settle.money NOT NULL,
    settled_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, currency, week_start),
    FOREIGN KEY (account_id, currency) REFERENCES settle.account (account_id, currency),
    CHECK (isfinite(week_start) AND isfinite(settled_at)),
    CHECK (isodow(week_start) = 1 + {week_offset_days})
);

CREATE SEQUENCE settle.entry_number START {next_entry_id};

CREATE TABLE settle.entry (
    entry_id BIGINT PRIMARY KEY DEFAULT nextval('settle.entry_number'),
    account_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    week_start DATE NOT NULL,
    effective_date DATE NOT NULL,
    amount settle.money NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('entry', 'counter', 'correction')),
    recorded_at TIMESTAMP NOT NULL DEFAULT settle.clock(),
    job_id VARCHAR,
    attempt INTEGER,
    answers BIGINT UNIQUE REFERENCES settle.entry (entry_id),
    memo VARCHAR,
    observed settle.money,
    last_seen BIGINT,
    idempotency_key VARCHAR UNIQUE,
    FOREIGN KEY (account_id, currency) REFERENCES settle.account (account_id, currency),
    CHECK (effective_date BETWEEN week_start AND week_start + 6),
    CHECK ((kind = 'counter') = (answers IS NOT NULL)),
    CHECK ((kind = 'counter') = (observed IS NOT NULL)),
    CHECK ((kind = 'counter') = (last_seen IS NOT NULL)),
    CHECK (answers <= last_seen),
    CHECK (kind <> 'correction' OR idempotency_key IS NOT NULL),
    CHECK (isfinite(effective_date) AND isfinite(recorded_at)),
    CHECK (isodow(week_start) = 1 + {week_offset_days})
);

CREATE INDEX entry_of_week ON settle.entry (account_id, currency, week_start, recorded_at);
