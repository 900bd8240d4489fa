-- What the snapshot is of.
SELECT
    sqlite_version() AS server_version,
    (SELECT file FROM pragma_database_list WHERE name = 'main') AS database_name,
    '' AS snapshot,
    strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS taken_at
