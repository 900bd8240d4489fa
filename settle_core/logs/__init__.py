"""Logs of workers and of the database as evidence: what each counter-entry's writer saw, and why.

Where to look; each package imports from those above it:

- `lines`: what every log has: clocks, envelopes, SQL in a line, statements and events
- `systems`: a reader for each kind of log
- `scanned`: files found and read, of large ones what touches the ledger
- `joined`: statements of workers and servers as one view
- `proofs`: what that view tells of each counter-entry
- `evidence`: logs read, joined and judged, for an audit
"""
