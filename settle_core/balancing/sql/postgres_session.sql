-- Whatever the defaults of the database or the role are.
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
SET TimeZone = 'UTC'
