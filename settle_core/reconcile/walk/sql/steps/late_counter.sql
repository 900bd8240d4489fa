-- Counter-entries recorded after their week was settled.
SELECT *
FROM walk
WHERE kind = 'counter'
