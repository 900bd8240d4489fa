-- A run's findings of entries with the biggest effects, open ones first; of equals the first.
SELECT * EXCLUDE (file_row_number)
FROM stored
WHERE effective_date IS NOT NULL AND severity != 'info'
ORDER BY
    LIST_POSITION(CAST($statuses AS VARCHAR []), status), ABS(COALESCE(effect, 0)) DESC,
    file_row_number
LIMIT $most
