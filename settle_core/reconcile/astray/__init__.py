"""Answers that are no single row in its place.

- parts that no job holds together: `parts`
- a half that stands in another week or account: `elsewhere`
- an answer on another day, in another week or account: `strays`
"""
