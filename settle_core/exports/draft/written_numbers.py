"""How the numbers of a column are written: marks, groups of digits, and what tells their sign."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Final

from settle_core.exports.draft.column_values import Column, all_are

NUMBER: Final = {".": re.compile(r"[+-]?\d+(\.\d*)?"), ",": re.compile(r"[+-]?\d+(,\d*)?")}
APOSTROPHES: Final = "'\N{RIGHT SINGLE QUOTATION MARK}"
# Marks of thousands that may stand with each decimal mark, the likeliest first.
GROUPS: Final = {".": (",", " ", *APOSTROPHES, "_"), ",": (".", " ", *APOSTROPHES, "_")}
SIGNED: Final = {
    "leading": r"[-+\u2212]?{}",
    "trailing": r"{}((?<![.,])-)?",  # 100,- is no less than nothing
    "parentheses": r"{}|\({}\)",
}


def _forms() -> dict[tuple[str, str, str], re.Pattern[str]]:
    """Numbers as spreadsheets and ERPs write them, by decimal mark, mark of thousands and minus.

    Plain ones are left out, see `NUMBER`.
    """
    made = {}
    for negative, signed in SIGNED.items():
        for is_grouped, point in product((False, True), GROUPS):
            for group in GROUPS[point] if is_grouped else ("",):
                mark = r"\s" if group == " " else re.escape(group)
                whole = rf"\d{{1,3}}({mark}\d{{3}})*" if group else r"\d+"
                number = rf"{whole}({re.escape(point)}\d*)?"
                if (group, negative) != ("", "leading"):
                    made[point, group, negative] = re.compile(signed.replace("{}", number))
    return made


WRITTEN: Final = _forms()
# Lakhs and crores, which one value of the column has, groups of two before the last three digits.
LAKHS: Final = re.compile(r"\d{1,2}(,\d{2})+,\d{3}(?=\D|$)")
GROUPED: Final = re.compile(r"(?<=\d),(?=\d\d\d?(,|\D|$))")
# What tells the sign of an amount, before or behind it.
MINUS_WORDS: Final = (
    *("dr", "db", "debit", "soll", "debe", "dare", "debet", "d", "s"),
    *("\N{MINUS SIGN}", "\N{EN DASH}", "-"),
)
PLUS_WORDS: Final = ("cr", "credit", "haben", "haber", "avere", "kredit", "c", "h", "+")
WORDED: Final = re.compile(
    r"\s*(?P<before>[A-Za-z]+\.?|[+\u2212\u2013])?\s*"
    r"(?P<rest>[^-+()\u2212\u2013]*?\d[^-+()\u2212\u2013]*?)"
    r"\s*(?P<behind>[A-Za-z]+\.?|(?<![.,])[+\u2212\u2013-])?\s*"
)
# Marks of money before or behind an amount; other words may be of an id.
MARK: Final = re.compile(
    r"([-+(\u2212]?)\s*(?P<before>[A-Z]{0,3}[$\u20ac\u00a3\u00a5\u20b9]|CHF|EUR|USD|GBP)?\s*"
    r"([-+(\u2212]?\d[^$\u20ac\u00a3A-Za-z]*?)"
    r"\s*(?P<behind>[A-Z]{0,3}[$\u20ac\u00a3\u00a5\u20b9]|CHF|EUR|USD|GBP|kr\.?|z\u0142|K\u010d)?\s*([-)]?)"
)


@lru_cache
def written(column: Column) -> tuple[str, str, str]:
    """The decimal mark, the mark of thousands and where the minus stands; empty if no number."""
    found = _written(column)
    return _written(_unworded(column)) if not found[0] and any(sign_words(column)) else found


@lru_cache
def sign_words(column: Column) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words and marks by which amounts take away, and those by which they do not; or none.

    Letters alone may be of ids: all values have one, and both sides or decimals must be there.
    """
    if _written(column)[0]:
        return (), ()
    found = [WORDED.fullmatch(value) for value in column.values]
    words = Counter((m["before"] or m["behind"] or "") if m else "" for m in found)
    minus = tuple(sorted(w for w in words if w.lower().rstrip(".") in MINUS_WORDS))
    plus = tuple(sorted(w for w in words if w.lower().rstrip(".") in PLUS_WORDS))
    is_doubtful = any(len(w) == 1 and w.isalpha() for w in (*minus, *plus))
    has_decimals = any(mark in value for value in column.values for mark in ".,")
    is_told = (minus and plus) or has_decimals
    if not (minus or plus) or (is_doubtful and ("" in words or not is_told)):
        return (), ()
    is_one = bool(_written(_unworded(column))[0])
    return (minus, plus) if is_one else ((), ())


def _unworded(column: Column) -> Column:
    return column._replace(values=tuple(map(_signed, column.values)))


def _signed(value: str) -> str:
    """An amount with a hyphen for a word that takes away, without another one."""
    found = WORDED.fullmatch(value)
    word = ((found["before"] or found["behind"] or "") if found else "").lower().rstrip(".")
    if found is None or word not in {*MINUS_WORDS, *PLUS_WORDS}:
        return value
    return f"{'-' if word in MINUS_WORDS else ''}{found['rest']}"


def _written(column: Column) -> tuple[str, str, str]:
    values = tuple(value.strip() for value in column.values)
    if any(c.isdigit() and not c.isascii() for v in values if not v.isascii() for c in v):
        return "", "", ""  # digits of another script are read by nothing
    if mark(column):
        values = tuple(map(_unmarked, values))
    if any(map(LAKHS.search, values)):
        values = tuple(GROUPED.sub("", value) for value in values)
        point, _, negative = _form(values)
        return (point, ",", negative) if point == "." else ("", "", "")
    how = _form(values)
    is_spaced = values != column.values and how[0] and how[1:] == ("", "leading")
    return (how[0], " ", "leading") if is_spaced and not mark(column) else how


def _form(values: Sequence[str]) -> tuple[str, str, str]:
    point = next((mark for mark, form in NUMBER.items() if all_are(form, values)), "")
    if point and not _is_grouped(values, point):
        return point, "", "leading"
    column = Column("", tuple(values), is_whole=True, stored_as="VARCHAR")
    forms = (how for how, form in WRITTEN.items() if all_are(form, column.values))
    fine = (how for how in forms if not _is_grouped(column.values, how[0]))
    return next(fine, ("", "", ""))


def _is_grouped(values: Sequence[str], point: str) -> bool:
    """Whether a mark parts thousands: three digits behind it, never a zero alone before, or none.

    Where every amount has it, it may as well be of three decimals, as dinars have.
    """
    parted = [value for value in values if point in value]
    grouped = re.compile(rf"[+(-]?[1-9]\d{{0,2}}\{point}\d{{3}}[)-]?")
    return 0 < len(parted) < len(values) and all(map(grouped.fullmatch, parted))


@lru_cache
def mark(column: Column) -> str:
    """The mark of money that every amount has; none of two, of which one would be lost."""
    found = [MARK.fullmatch(value.strip()) for value in column.values]
    marks = {(m["before"] or m["behind"] or "") if m else "" for m in found}
    return marks.pop() if len(marks) == 1 and all(found) else ""


def _unmarked(value: str) -> str:
    found = MARK.fullmatch(value)
    return found[1] + found[3] + found[5] if found else value


def plain(value: str, how: tuple[str, str, str]) -> Decimal:
    """A written number as one."""
    mark, thousands, negative = how
    value = _unmarked(_signed(value).strip()).replace("\N{MINUS SIGN}", "-")
    bare = "".join(value.split()).replace(thousands, "") if thousands else value
    bare = bare.replace(mark, ".").strip("()-+")
    is_minus = value.startswith("-") or (
        value.endswith("-") if negative == "trailing" else value.startswith("(")
    )
    return Decimal(bare or "0") * (-1 if is_minus else 1)


def decimals(values: Iterable[str], mark: str) -> int:
    """The most decimals that a value has, zeros at its end left out."""
    behind = (re.match(r"\d*", v.partition(mark)[2]) for v in values)
    return max((len(found[0].rstrip("0")) for found in behind if found), default=0)
