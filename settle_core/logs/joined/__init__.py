"""Statements of workers and of database servers as one view.

- which line of one log is which of another: `joining`; clocks that differ: `clocks`, `zones`
- what shows that lines are missing, or came twice: `signs`
- behind a pool of connections: `pooled`
- snapshots that a statement read by: `snapshots`
- the whole: `view`; what it tells of an entry: `by_entry`
"""
