"""A reader for each kind of log.

- workers: `rails`, `sidekiq`, `python_logs`
- databases: `postgres`, as text `postgres_text` with its `prefix`; `mariadb`
"""
