-- What the snapshot is of.
SELECT
    current_setting('server_version') AS server_version,
    current_database() AS database_name,
    CAST(pg_current_snapshot() AS text) AS snapshot,
    to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS taken_at
