-- What the snapshot is of.
SELECT
    VERSION() AS server_version,
    DATABASE() AS database_name,
    '' AS snapshot,
    DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ') AS taken_at
