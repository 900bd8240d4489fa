-- Entries recorded after their week was settled.
SELECT *
FROM walk
WHERE kind = 'entry'
