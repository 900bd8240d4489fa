"""Forms of days and clocks whose numbers stand together, as %H%M%S: each must have all its digits.

Of 13015 nobody knows whether it is 01:30:15 or 13:01:05, and a parser takes the first that fits.
"""

import re
from functools import cache
from typing import Final

# Of the directives that are numbers, how many digits they have.
WIDTHS: Final = {
    **dict.fromkeys("mdHIMSyUWVg", 2),
    **dict.fromkeys("YG", 4),
    "j": 3,
    "u": 1,
    "w": 1,
    "f": 6,
}
_RUN: Final = re.compile(rf"(?:%[{''.join(WIDTHS)}]){{2,}}")
_DIRECTIVE: Final = re.compile(r"%-?[A-Za-z%]")


@cache
def shape(form: str) -> str:
    """What text of a form looks like, as a regular expression of DuckDB and of Python alike.

    Only numbers without anything between them are counted. It is empty where there are none.
    """
    runs = [match.span() for match in _RUN.finditer(form)]
    form = re.sub(r"(?<!%)Z$", "%z", form)  # is read as any offset
    parts, end = [], 0
    for start, stop in runs:
        parts += [_loose(form[end:start]), _digits(form[start:stop])]
        end = stop
    return "".join([*parts, _loose(form[end:])]) if runs else ""


def is_whole(value: str, form: str) -> bool:
    """Whether no digit lacks in text of a form."""
    told = shape(form)
    return not told or re.fullmatch(told, value) is not None


def _loose(form: str) -> str:
    """Anything for a directive; other text is what it is, and spaces are any spaces."""
    plain = [re.sub(r"([^\w\s])", r"\\\1", text) for text in _DIRECTIVE.split(form)]
    return ".*".join(re.sub(r"\s+", r"\\s*", text) for text in plain)


def _digits(run: str) -> str:
    names = run.split("%")[1:]
    fraction = "[0-9]{1,9}" if names[-1] == "f" else ""  # the last number may be shorter
    count = sum(WIDTHS[name] for name in (names[:-1] if fraction else names))
    return f"[0-9]{{{count}}}{fraction}"
