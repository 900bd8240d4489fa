"""Is an export read rightly: refused before any rule looks at it, if not.

- `agreement`: do the settled weeks agree with what was recorded by then
- `other_reading`: would they agree by another; `misreading`: kinds that one look tells
"""
