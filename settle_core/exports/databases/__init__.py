"""`settle pull`: tables of a database as files of an export, whole and provably so.

- `database`: of which an address is; `postgres`, `mysql`, `sqlite`
- `pulled`: a table as a file, and the proof that it is whole
"""
