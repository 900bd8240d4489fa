-- The tables of the story, as the application had them.
CREATE TABLE ledgers (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL,
    date date NOT NULL,
    amount numeric(12, 2) NOT NULL,
    kind text NOT NULL,
    memo text,
    job_id text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX ON ledgers (user_id, date);

CREATE TABLE settlements (
    user_id bigint NOT NULL,
    week_start date NOT NULL,
    amount numeric(12, 2) NOT NULL,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, week_start)
)
