"""An export as typed tables, and the rows that cannot be accepted.

- `ledger`: all tables; `once`: along with the pass; `reader`: one table
- our columns over those of a file: `columns`; values as types: `typed`, `packed`, `zones`
- settlements that are not rows of week and amount: `closings`
- what is not accepted: `reasons`, `rejected`; `left_out`, of files that are read where they lie
"""
