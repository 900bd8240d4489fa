"""A first profile for an export that nobody described.

- `draft` writes it, by `trial` of candidates, which differ in `choices`; `unfound`: what it did not
  find
- `fitting_profile`: which built-in profile an export is of, so that none need be written
- the export: `sampled` tables, `csv_text`, `sheets`; which column is which: `inference`
- values of a column: `column_values`, `written_numbers`, `stray_values`
- what a profile says: `forms` of marks and signs, `kinds`, `money`, `periods`, `rules`,
  `totals`, `joined_columns` and `zone_columns`
"""
