"""What logs tell of each counter-entry.

- what its writer saw: `judging`; why: `proved_causes`; of an entry that nobody answered: `lost`
- where a log contradicts the ledger: `contradictions`
- the tables for those who ask on: `told_tables`
"""
