"""How an export is to be read: names and choices, in TOML. The built-in ones lie in this folder.

- `profile`: one, loaded; the `keys` it has, and `checks` of those that contradict each other
- `wanted`: which columns of which table it reads; `currencies`: decimals of those that lack two
- `asked_weeks`: are the weeks that a command is to take whole ones by it
- `guesses`: what a first profile only guessed; `reference`: the page of all keys
"""
