-- A table with the instants of its rows' commits, where the server keeps them and the table has no
-- such column of its own; else the table as it is.
SELECT
    CASE
        WHEN
            current_setting('track_commit_timestamp') = 'on'
            AND r.relkind IN ('r', 'p')
            AND NOT EXISTS (
                SELECT 1
                FROM pg_attribute AS a
                WHERE a.attrelid = r.oid AND a.attname = 'committed_at' AND NOT a.attisdropped
            )
            THEN
                format(
                    '(SELECT t.*, pg_xact_commit_timestamp(t.xmin) AS committed_at FROM %s AS t)'
                    ' AS stamped',
                    $relation::text
                )
        ELSE $relation::text
    END
FROM pg_class AS r
WHERE r.oid = $relation::text::regclass
