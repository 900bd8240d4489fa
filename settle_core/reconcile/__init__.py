"""From typed tables to what each counter-entry's writer saw.

Where to look; each package imports from those above it:

- `search`: what each writer saw, of one unit's late rows: the search itself
- `walk`: from entries to the walk of each late row, in SQL and in arrays
- `policies`: how a ledger is balanced: by sum or delta, by day or week
- `causes`: what is said of a row: role, cause, evidence, sentence
- `patterns`: the rows to search, and days that are like others, judged by their patterns
- `astray`: answers that are no single row in its place
- `replay`: the search over each week that is not plain; `reckoning`: what takes what back
"""
