"""From entries to the walk of each late row: the running sum of a day and week, row by row.

- the steps in SQL: `steps`, `step`; rows at the instant of a settlement: `cutoff`
- the same in arrays, for an export that the pass has read: `plain_days`, `walked`, `walk_tables`
- weeks that are not finished by then, as the tables of the steps: `suspects`
- whether the column of jobs tells jobs apart: `jobs`
- what weeks show of how they are balanced: `shown`; weeks that are told of: `told_weeks`
"""
