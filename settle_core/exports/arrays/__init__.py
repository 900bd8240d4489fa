"""The pass in arrays: one reading of all entries, after which only a few rows are looked at in SQL.

- `whole_pass` does it, `passed` is what it found; `week_passes` keeps that by week
- ids in it: `ascending_ids`, `told_ids`; whether each is there once: `unique_ids`
- weeks settled again: `settled_again`
- arrays out of SQL: `arrow`; into it: `tables`
"""
