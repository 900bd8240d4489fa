"""The pass on a Spark cluster, from the SQL files that DuckDB runs as well."""
