"""An export in and out: profiles, typed tables, rejected rows, control totals, databases.

Where to look, in the order in which an export goes through them:

- how it is to be read: `profile`, `profile_keys`, `profile_checks`, `profile_reference`; which of
  the built-in ones fits: `fitting`; what a profile only guessed: `guesses`; its columns: `wanted`
- files found, hashed and opened: `source`, `scan`, `opened`, `parquet_folder`; what is not plain,
  row by row: `split`, `json_rows`, `spreadsheet`; within what memory: `limits`
- values to typed rows: `reading` of one table, by `columns`, `typed`, `packed`, `currencies`,
  `closings`; all tables: `ledger`; whether ids are there once: `unique_ids`
- rows that cannot be accepted: `reasons`, `rejected`, `left_out`
- is it read rightly: `agreement`, `other_reading`, `misreading`; is it whole: `control_totals`;
  what changed since an earlier one: `history`
- the pass in arrays: `whole_pass`, `passed`, along with the reading `once`; ids in it:
  `ascending_ids`, `told_ids`; weeks settled again: `settled_again`; arrays in and out of SQL:
  `arrow`, `tables`
- an archive by week: `archive`, `archiving`, `archive_rows`, `archive_weeks`, `week_passes`
- `settle pull`: `database`, `pulled`, `postgres`, `mysql`, `sqlite`
- a first profile for an unknown export: `draft`, the parts that it looks at (`draft_*`),
  `inference` of columns, `trial` of candidates, what was not found: `unfound`
"""
