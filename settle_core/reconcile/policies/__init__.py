"""How a ledger is balanced: by the policy sum or delta, day by day or as a week.

- votes of what weeks show: `votes`; accounts that keep weeks among others: `habits`
- what was inferred of an export: `inferred`
- a week weighed by each policy and level: `policy_and_level`
"""
