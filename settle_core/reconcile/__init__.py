"""From typed tables to what each counter-entry's writer saw.

Where to look, in the order of the flow:

- the steps in SQL, from entries to the walk of each late row: `steps`, `step`; rows at the instant
  of a settlement: `cutoff`
- the same in arrays, for an export that the pass has read: `plain_days`, `suspects`, `walked`,
  `walk_tables`
- clocks, ids and jobs as far as they tell an order: `clocks`, `jobs`, `ordering`
- how a ledger is balanced: `policy_inference` by `votes` of what weeks show (`shown`)
- the replay of each week that is not plain: `replay`, over rows as `searched` has them, by groups
  that are alike (`search`, `alike`, `alike_found`), in the words of `model`
- the search itself: `sum_policy` and `delta_policy`; many rows: `crowd`; sets of rows: `subset_sum`
- answers that are no single row in its place: `answers`, `answer_rows`, `parts`, `elsewhere`,
  `strays`, `habits`
- what is said of a row: `cause`, `sentences`; what takes what back: `reckoning`
- the weeks that are told of, where these are not all: `told_weeks`
"""
