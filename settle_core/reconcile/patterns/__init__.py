"""The rows to search, and days that are like others, of which one is searched.

- the rows as arrays, and as objects where they are asked for: `searched`
- counter-entries that are rounded: `rounded`
- the patterns of days: `alike`; what is said of days that are alike: `alike_found`
"""
