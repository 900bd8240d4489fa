-- What the database may take: at first four fifths of the machine's memory, or the container's.
SELECT CURRENT_SETTING('memory_limit') AS memory_limit
