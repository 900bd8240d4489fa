-- Whatever the defaults of the database or the role are. The search path is for what is exported:
-- a table of the same name elsewhere is not the book's.
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
SET search_path = settle;
SET TimeZone = 'UTC'
