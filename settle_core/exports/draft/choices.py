"""What a first profile says of each key, and the ways to read something that are to be tried."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from settle_core.formats import clean, toml_text


class Choice(NamedTuple):
    """What a key of the profile is set to, and why that is sure, or what it was guessed by."""

    value: str
    why: str
    is_sure: bool


Sections = dict[str, dict[str, Choice]]


class Form(NamedTuple):
    """One way to read something: the keys that it sets, and those of others that it leaves out."""

    name: str
    sets: tuple[tuple[str, str, str], ...]
    drops: tuple[tuple[str, str], ...] = ()


class Open(NamedTuple):
    """Something that the look at the data leaves open, likeliest form first.

    One that is `if_needed` is open only if nothing else makes the weeks agree; one that is
    `of_sums` takes no row that another form rejects; one that is `of_clocks` says when rows came.
    """

    forms: tuple[Form, ...]
    if_needed: bool = False
    of_sums: bool = False
    of_clocks: bool = False


def put(sections: Sections, opens: Sequence[Open], chosen: Sequence[int]) -> Sections:
    """The sections with these forms."""
    made = {section: dict(keys) for section, keys in sections.items()}
    for each, number in zip(opens, chosen, strict=True):
        form = each.forms[number]
        for section, key in form.drops:
            made.get(section, {}).pop(key, None)
        for section, key, value in form.sets:
            keys = made.setdefault(section, {})
            is_more = key == "skip" and key in keys
            set_to = _both(keys[key].value, value) if is_more else value
            keys[key] = Choice(set_to, form.name, is_sure=True)
    return made


def _both(one: str, other: str) -> str:
    """The rows that either of two tables of columns and values sets aside, as such a table."""
    first, second = (tomllib.loads(f"v = {told}")["v"] for told in (one, other))
    columns = {name: [*first.get(name, ()), *second.get(name, ())] for name in first | second}
    told = (f"{toml_text(name)} = {listing(dict.fromkeys(v))}" for name, v in columns.items())
    return f"{{ {', '.join(told)} }}"


def listing(values: Iterable[str]) -> str:
    """Texts as a list in TOML."""
    return f"[{', '.join(map(toml_text, values))}]"


def lines(sections: Sections) -> Iterator[str]:
    """The sections as lines of TOML with comments."""
    for section, keys in sections.items():
        yield from ("", f"[{section}]") if keys else ()
        for key, choice in keys.items():
            mark = "" if choice.is_sure else "GUESSED: "
            yield f"{key} = {choice.value}  # {mark}{clean(' '.join(choice.why.split()))}"


def text(sections: Sections) -> str:
    """The same as one text."""
    return "\n".join(lines(sections))
