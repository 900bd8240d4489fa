-- The name of a table or view, quoted; none if there is no such thing.
SELECT printf('"%w"', name) AS quoted
FROM sqlite_master
WHERE type IN ('table', 'view') AND name = $named
