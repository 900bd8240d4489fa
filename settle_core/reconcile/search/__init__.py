"""What each counter-entry's writer saw: the cheapest explanation of one unit's late rows.

- an explanation in words of its own: `model`
- groups of rows that are alike are searched once: `search`
- the policy sum: `sum_policy`; sets of rows: `subset_sum`; many rows: `crowd`, `missed`
- the policy delta: `delta_policy`, by who answers whom: `answers`
- counter-entries that are rounded: `rounding`, `rounded_answers`
- several rows that are one answer: `answer_rows`
- clocks and ids as far as they tell an order: `clocks`, `ordering`
"""
