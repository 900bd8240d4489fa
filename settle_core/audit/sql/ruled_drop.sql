-- The findings are told, and checked.
DROP SCHEMA ruled CASCADE
