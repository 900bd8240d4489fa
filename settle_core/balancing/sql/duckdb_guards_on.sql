SELECT trigger_name FROM duckdb_triggers() WHERE schema_name = 'settle'
