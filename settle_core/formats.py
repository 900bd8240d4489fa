"""How everything that is looked at looks: colours, sizes, formats of numbers, dates and ids.

Charts, tables and sentences take their formats from here, so that one number reads the same
wherever it stands.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final

INK = "#1f2933"  # text, step lines, healthy counter-entries
MUTED = "#616e7c"  # secondary text: 5.2 to 1 on white
GRID = "#e4e7eb"
PALE = "#f6f7f8"  # empty cells
BLUE = "#2f6fab"  # late entries
RED = "#c0392b"  # wrong
TINT = "#fbf1ef"  # time off the settled amount
AMBER = "#98610c"  # compensating, masked
GREEN = "#1f7a5c"  # settled, complete
WHITE = "#ffffff"

FONTS = "'DejaVu Sans', Verdana, Geneva, sans-serif"  # Verdana has DejaVu's widths
TEXT_PX = 12.0
SMALL_PX = 11.0
TITLE_PX = 17.0

MINUS = "\N{MINUS SIGN}"
DOTS = "\N{HORIZONTAL ELLIPSIS}"
GAP = "\N{NO-BREAK SPACE}"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HYPHEN_MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
_LONG_AMOUNT = re.compile(r"(?<![\w.,/])(\d{4,18})(\.\d+)(?![\w.,/]*\w)")
# An amount of a currency without decimals has no mark of its own; the word before it tells.
_WHOLE_AMOUNT = re.compile(
    r"(?<=\b)((?:Expected|found|off by|of|Settled at|now|last at|add up to|come to|came to) -?)"
    r"(\d{4,18})(?![\w/-]|[.,:]\w)"
)
_ID_LENGTH = 10  # an id up to this long is written whole


# Where a row could begin: at the start, or after a line's end within quotes. What a spreadsheet
# takes for a formula there gets a mark, and so does the mark itself, so that it can be taken off.
_RISKY: Final = re.compile(
    "(?:^|(?<=[\r\n]))(?=['=+\\-@\t\r\n"
    "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])"
)
QUOTE: Final = '"'
_MARK: Final = re.compile("(?:^|(?<=[\r\n]))'")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_QUOTED: Final = re.compile('[,"\r\n]')
_LAST_OF_FOUR_DIGITS: Final = 0xFFFF


def amount(value: Decimal) -> str:
    """Write an amount in full, with its own decimals: ``1,234.50``, with a true minus sign."""
    text = f"{abs(value):,f}"
    return f"{MINUS}{text}" if value < 0 else text


def scaled(value: Decimal, decimals: int) -> Decimal:
    """An amount with so many decimals, if it has no more; else as it is, and never rounded."""
    shown = value.quantize(Decimal(1).scaleb(-decimals))
    return shown if shown == value else value


def signed(value: Decimal) -> str:
    """Write an amount as a movement: with its sign, zero without one."""
    return f"+{amount(value)}" if value > 0 else amount(value)


def short(value: Decimal) -> str:
    """Write an amount in about six characters for a cell: rounded, never to zero."""
    size = abs(value)
    sign = MINUS if value < 0 else ""
    if not size:
        return "0"
    units = ((10_000, 1, ""), (10**6, 10**3, "k"), (10**9, 10**6, "M"))
    unit, letter = next(((unit, name) for end, unit, name in units if size < end), (10**9, "bn"))
    scaled = size / unit
    if scaled < Decimal("0.001"):
        return f"{sign}{scaled:.0e}".replace("e-0", "e-").replace("e-", f"e{MINUS}")
    places = 0 if scaled >= 100 else 1 if scaled >= 10 else 2 if scaled >= 1 else 3  # noqa: PLR2004
    text = f"{scaled:,.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{sign}{text}{letter}"


def count(number: int, noun: str = "", nouns: str = "") -> str:
    """Write a number of things, with its noun where given: ``1 week``, ``8,389 rows``."""
    text = f"{number:,}".replace("-", MINUS)
    if not noun:
        return text
    return f"{text} {noun if number == 1 else nouns or noun + 's'}"


def verb(number: int, one: str, many: str) -> str:
    """Choose what is said of one thing, or of any other number of them."""
    return one if number == 1 else many


def day(value: date) -> str:
    """Write a day briefly: ``6 Sep 2026``."""
    return f"{value.day}{GAP}{_MONTHS[value.month - 1][:3]}{GAP}{value.year}"


def long_day(value: date) -> str:
    """Write a day in full: ``Sunday 6 September 2026``."""
    name = _DAYS[value.weekday()]
    return f"{name} {value.day} {_MONTHS[value.month - 1]} {value.year}"


def clock(value: datetime) -> str:
    """Write the time of an instant to the millisecond: ``09:45:47.734``."""
    return f"{value:%H:%M:%S}" + (f".{value:%f}"[:4] if value.microsecond else "")


def instant(value: datetime) -> str:
    """Write an instant, which is UTC, in full."""
    return f"{day(value)} {clock(value)}{GAP}UTC"


def span(seconds: float) -> str:
    """Write a duration in its natural unit: ``13 ms``, ``10.6 s``, ``3 h 20 min``, ``5 days``."""
    size = abs(seconds)
    sign = MINUS if seconds < 0 else ""
    if 0 < size < 0.001:  # noqa: PLR2004
        return f"{sign}{size * 1_000_000:.0f}{GAP}\N{MICRO SIGN}s"
    if size < 1:
        return f"{sign}{size * 1000:.0f}{GAP}ms"
    if size < 60:  # noqa: PLR2004
        return f"{sign}{size:.1f}{GAP}s"
    whole = round(size)
    for big, small, big_name, small_name in (
        (60, 1, "min", "s"),
        (3600, 60, "h", "min"),
        (86400, 3600, "d", "h"),
    ):
        if whole < big * (60 if big < 3600 else 24 if big == 3600 else 10):  # noqa: PLR2004
            rest = whole % big // small
            tail = f" {rest}{GAP}{small_name}" if rest else ""
            return f"{sign}{whole // big}{GAP}{big_name}{tail}"
    return f"{sign}{count(whole // 86400)}{GAP}days"


def words(name: str) -> str:
    """Write a name of the data contract as words: ``stale read`` for ``stale_read``."""
    return clean(name).replace("_", " ")


def prose(sentence: str) -> str:
    """Write the amounts of a sentence as elsewhere; ids and dates keep their form."""
    separated = _LONG_AMOUNT.sub(lambda match: f"{int(match[1]):,}{match[2]}", sentence)
    separated = _WHOLE_AMOUNT.sub(lambda match: f"{match[1]}{int(match[2]):,}", separated)
    return _HYPHEN_MINUS.sub(MINUS, separated)


def clean(text: str) -> str:
    """Make text of unknown origin safe to show: one line, nothing invisible, nothing reordering."""
    if text.isprintable() or text.replace(GAP, "").isprintable():
        return text
    return "".join(
        " " if char in "\t\n\r" else char if _is_visible(char) else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def _is_visible(char: str) -> bool:
    # Control and format characters, surrogates, private and unassigned ones: not valid in XML, or
    # they turn the text round them about.
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def brief(text: str, longest: int) -> str:
    """Show text in at most so many characters, with dots for what is left out in its middle."""
    shown = clean(text)
    if len(shown) <= longest:
        return shown
    head = longest // 2
    return f"{shown[:head]}{DOTS}{shown[len(shown) - (longest - head - 1) :]}"


def apart(names: Iterable[str], longest: int) -> dict[str, str]:
    """Show each name by `brief`; of those that look alike by it, the part in which they differ."""
    shown = {name: brief(name, longest) for name in names}
    alike: dict[str, list[str]] = {}
    for name, text in shown.items():
        alike.setdefault(text, []).append(name)
    for group in alike.values():
        if len(group) > 1:
            shown |= _where_they_differ(group, longest)
    return shown


def _where_they_differ(names: list[str], longest: int) -> dict[str, str]:
    whole = [clean(name) for name in names]
    head = _common(whole)
    tail = _common([text[head:][::-1] for text in whole])
    room = longest - 2
    shown = {}
    for name, text in zip(names, whole, strict=True):
        own = len(text) - head - tail
        first = max(head - max(room - own, 0), 0)
        part = brief(text[first : max(first + room, head + own)], room)
        shown[name] = f"{DOTS}{part}{DOTS}"
    if len(set(shown.values())) == len(names):
        return shown
    return {name: f"{text} ({at})" for at, (name, text) in enumerate(shown.items(), 1)}


def _common(texts: list[str]) -> int:
    """How many characters all of them begin with."""
    pairs = enumerate(zip(*texts, strict=False))
    return next((at for at, each in pairs if len(set(each)) > 1), min(map(len, texts)))


def abbreviate(ids: Iterable[str]) -> dict[str, str]:
    """Shorten long ids, each as far as it still differs from the others.

    Returns:
        Each id with the text to show for it.
    """
    whole = {key: clean(key) for key in ids}
    long = sorted({text for text in whole.values() if len(text) > _ID_LENGTH})
    shown: dict[str, str] = {}
    for head, tail in ((6, 0), (3, 5), (6, 8), (12, 12)):
        shown = {text: f"{text[:head]}{DOTS}{text[len(text) - tail :]}" for text in long}
        if len(set(shown.values())) == len(long):
            break
    return {key: shown.get(text, text) for key, text in whole.items()}


def anchor(kind: str, *parts: object) -> str:
    """Name a place in the report: safe in a link, whatever the ids are, the same in every run."""
    digest = sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "replace"))
    return f"{kind}-{digest.hexdigest()[:12]}"


def harmless(text: str) -> str:
    """Put a `'` before all in a text that a spreadsheet would run, and before a `'`. Reversible."""
    return text if _NUMBER.fullmatch(text) else _RISKY.sub("'", text)


def plain(text: str) -> str:
    """Take off what `harmless` put into a text."""
    return _MARK.sub("", text)


def csv_field(text: str) -> str:
    """A field of CSV, in quotes where it needs them."""
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if _QUOTED.search(text) else text


def csv_line(values: Iterable[str]) -> str:
    """A line of CSV; the csv module leaves a lone carriage return unquoted, and readers differ."""
    fields = [csv_field(value) for value in values]
    return (",".join(fields) if fields != [""] else '""') + "\n"


def toml_text(text: str) -> str:
    """Text as a string of TOML, which reads back as it was; what does not show is escaped."""
    return f'"{"".join(map(_toml_character, text))}"'


def _toml_character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    # TOML has no halves of a pair; no text that was decoded holds one.
    code = ord(char) if unicodedata.category(char) != "Cs" else ord("\N{REPLACEMENT CHARACTER}")
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"
