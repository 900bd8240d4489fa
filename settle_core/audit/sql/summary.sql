-- The counts of an audit's population.
SELECT * EXCLUDE (agreeing)
FROM population
