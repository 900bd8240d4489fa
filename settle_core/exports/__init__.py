"""An export in and out: profiles, typed tables, rejected rows, control totals, databases.

Where to look, in the order in which an export goes through them; each imports from those above:

- `profiles`: how an export is to be read, the built-in profiles beside it
- `files`: found, hashed, opened; what is not plain CSV, row by row
- `arrays`: the pass over all entries in numpy, and what it keeps
- `reading`: values to typed rows, and the rows that cannot be accepted
- `checks`: is it read rightly
- `archive`: exports kept by week; an export or an archive read and checked
- `databases`: `settle pull`
- `draft`: the built-in profile that an export is of, or a first one for an unknown export
- `history`: what changed since an earlier export
"""
