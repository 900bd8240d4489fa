"""The files of an export: found, hashed, opened, their values as they were exported.

- `source`: which file is which table, held to its hash; `scan`: a look at every byte
- `opened`: a file laid open to SQL; `parquet_folder`: many that are one table
- what is not plain, row by row: `split` for CSV (`quotes` and escapes), `json_rows` and their
  `json_pages`, `spreadsheet` of a `workbook`
- `memory`: what an audit may use of memory, and what it may not touch
- `control_totals`: is it whole
"""
