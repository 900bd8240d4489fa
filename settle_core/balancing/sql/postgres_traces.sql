-- What was done to the book itself: who made it, migrated it or renewed its functions, and who went
-- around its guards, why, and what each row was before and after.
CREATE TABLE settle.renewal (
    renewal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    renewed_by text NOT NULL DEFAULT session_user,
    version integer NOT NULL,
    library text NOT NULL,
    functions_sha256 text NOT NULL
);

CREATE TABLE settle.repair (
    repair_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_by text NOT NULL DEFAULT session_user,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id() UNIQUE,
    reason text NOT NULL CHECK (reason ~ '\w')
);

CREATE TABLE settle.repaired (
    repaired_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repair_id bigint NOT NULL REFERENCES settle.repair,
    table_name text NOT NULL,
    operation text NOT NULL,
    row_before jsonb,
    row_after jsonb
);
