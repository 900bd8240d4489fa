"""How the text of an unknown CSV is written: encoding, delimiter, lines above the header."""

import csv
import re
from calendar import day_name
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from msgspec import structs

from settle_core.exports.files import scan, split
from settle_core.exports.profiles.keys import Dialect

DELIMITERS: Final = ",;\t|"
LOOKED_AT: Final = 40  # lines
PADDED_SHARE: Final = 4  # of so many values one
# As clients of databases say how many rows there were, and accounting when a report was made.
COUNTED: Final = re.compile(r"(\(?)\d+(?:[.,]\d+)* rows?\b")
WEEKDAY: Final = re.compile(r"[A-Z][a-z]+day, \w+ \d+, \d{4}")
UTF_8: Final = "utf-8"
TAIL_BYTES: Final = 16_384
FOOTER_MAX: Final = 10  # lines
Quote = Literal["auto", "doubled", "none"]
Escape = Literal["", "\\"]
NO_VALUE: Final = re.compile(r"(^|\t)\\N(\t|\r?$)", re.MULTILINE)
# How a line below a table starts, by its first word or by its first field alone. A row that was cut
# off is as short as such a line, so nothing but these is taken for one.
FOOTER: Final = re.compile(
    r"((?:grand |sub)?totals?|totale?|sum(?:me)?|(?:gesamt|end)?summe|gesamt|"
    r"(?:end|schluss)?saldo|(?:end|closing|ending) balance|report|generated|printed|exported|"
    r"(?:record|row) count|fetched)\b|"
    r"(t|tr|trl|trailer|f|ftr|footer|eof|end)$",
    re.IGNORECASE,
)


class Text(NamedTuple):
    """What a profile has to say of it; `is_sure` where the encoding is not only one that fits.

    `is_padded`: spaces stand around many values, or a line is drawn, as in lists for the screen;
    `footer`: how the lines below the table start; `quote` and `escape` as in a profile.
    """

    delimiter: str = ","
    encoding: str = UTF_8
    skip_lines: int = 0
    is_sure: bool = True
    is_padded: bool = False
    footer: tuple[str, ...] = ()
    quote: Quote = "auto"
    escape: Escape = ""


def look(path: Path) -> Text:
    """Look at the start of a CSV. Raises Fault where it cannot be read."""
    with scan.opened(path) as file:
        raw = file.read(scan.CHUNK_BYTES)
    encoding = _encoding(raw)
    lines = raw.decode(encoding, "replace").removeprefix("\ufeff").splitlines(keepends=True)
    (_, _, skipped), delimiter = _found(lines)
    padded = _is_padded(lines[skipped:LOOKED_AT], delimiter)
    padded = padded or any(split.RULE.fullmatch(line.strip()) for line in lines[skipped:LOOKED_AT])
    footer = _footer(path, encoding, delimiter, lines[skipped : skipped + 1])
    whole = "".join(lines if len(raw) < scan.CHUNK_BYTES else lines[:-1])
    quote, escape = _marks(whole, delimiter, skipped)
    is_sure = encoding.startswith("utf")
    return Text(delimiter, encoding, skipped, is_sure, padded, footer, quote, escape)


def _found(lines: Sequence[str]) -> tuple[tuple[bool, int, int], str]:
    """The table that lines are, and the delimiter by which they are; with no marks if by none."""
    for has_quotes in (True, False):
        found = [(_table(lines[:LOOKED_AT], d, has_quotes=has_quotes), d) for d in DELIMITERS]
        best = max(found, key=lambda f: f[0][:2])
        if best[0][0]:
            break
    return best


def _footer(path: Path, encoding: str, delimiter: str, header: Sequence[str]) -> tuple[str, ...]:
    """How the first line starts of those at the end that have not as many fields as the header."""
    if encoding.startswith(("utf-16", "utf-32")):
        return ()
    tail = b""
    with scan.opened(path) as file:
        while chunk := file.read(scan.CHUNK_BYTES):
            tail = (tail + chunk)[-TAIL_BYTES:]
    lines = tail.decode(encoding, "replace").splitlines()[1:]
    lines = [line for line in lines if not split.RULE.fullmatch(line)]
    try:
        rows = list(csv.reader([*header, *lines], delimiter=delimiter))
    except csv.Error:
        return ()
    found = []
    for row in filter(None, reversed(rows[1:])):
        if len(row) == len(rows[0]):
            break
        found.append(row)
    if not 0 < len(found) <= FOOTER_MAX:
        return ()
    starts = _starts(found[-1], delimiter)
    return starts if any(split.is_footer(line, starts) for line in lines) else ()


def _starts(row: Sequence[str], delimiter: str) -> tuple[str, ...]:
    """How lines start that are as one below the table; none if a row may be cut off there."""
    first, *others = row
    counted = COUNTED.match(delimiter.join(row))
    if counted:
        return (f"{counted[1]}# row",)
    if WEEKDAY.match(first) and not others:
        return tuple(f"{day}, " for day in day_name)
    word = FOOTER.match(first.strip())
    if word is None:
        return ()
    # A word of a line's own is told with what ends it: rows may start with the same letters.
    return (f"{first}{delimiter}" if word[2] and others else word[0],)


def _marks(text: str, delimiter: str, skipped: int) -> tuple[Quote, Escape]:
    """Whether quotes are marks, and backslashes: as most records are as long as the header.

    Where that does not tell, text in which NULL is a backslash with an N between tabs is taken for
    that of COPY, or of mysqldump: later rows may hold what the first ones do not.
    """
    plain: tuple[Quote, Escape] = ("auto", "")
    if '"' not in text and "\\" not in text:
        return plain
    ways: list[tuple[Quote, Escape]] = [plain, ("none", "\\"), ("none", ""), ("auto", "\\")]
    between = re.escape(delimiter)
    quoted = re.findall(f'(?:^|{between})"[^"{between}\n]*"(?={between}|\r?$)', text, re.MULTILINE)
    if len(quoted) * 2 > text.count("\n"):
        ways = [plain, ("auto", "\\")]
    elif delimiter == "\t" and NO_VALUE.search(text):
        ways = [ways[1], plain, *ways[2:]]
    known = [way for way in ways if "\\" in text or not way[1]]
    base = Dialect(delimiter=delimiter, skip_lines=skipped)
    # Lines below a table, and rows that are cut off, are none by any of them.
    return min(
        known, key=lambda w: split.misfits(text, structs.replace(base, quote=w[0], escape=w[1]))
    )


def _is_padded(lines: Sequence[str], delimiter: str) -> bool:
    """Whether spaces stand around many values; the last one of a line ends with it."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return False
    fields = [field for row in rows if len(row) > 1 for field in row if field.strip()]
    return sum(field != field.strip() for field in fields) * PADDED_SHARE > len(fields)


def is_table(path: Path) -> bool:
    """Whether a text looks like rows of several fields."""
    with scan.opened(path) as file:
        raw = file.read(scan.CHUNK_BYTES)
    return _found(raw.decode(_encoding(raw), "replace").splitlines(keepends=True))[0][0]


def _encoding(raw: bytes) -> str:
    guessed = split.guess(raw, UTF_8)
    if guessed.startswith(("utf-16", "utf-32")):
        return guessed
    try:
        # The last bytes may be a part of a character.
        raw[: raw.rfind(b"\n") + 1].decode(UTF_8)
    except UnicodeDecodeError:
        return guessed or "latin-1"
    return UTF_8


def _table(lines: Sequence[str], delimiter: str, *, has_quotes: bool) -> tuple[bool, int, int]:
    """Whether rows are alike but for a few above and below, how many fields they have, and ..."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting)
    rows, start = [], 0
    try:
        for row in reader:
            rows.append((start, len(row) if any(row) else 0, sum(map(bool, row))))
            start = reader.line_num
    except csv.Error:
        return False, 0, 0
    widths = [width for _, width, _ in rows if width]
    if not widths:
        return False, 0, 0
    width, times = Counter(widths).most_common(1)[0]
    # Titles above the header are as wide as it where a spreadsheet wrote them, but hardly filled.
    full = [place for place, each, filled in rows if each == width and filled * 2 > width]
    first = full[0] if full else next(place for place, each, _ in rows if each == width)
    is_table = width > 1 and times * 2 > len(widths)
    return is_table, width, first if is_table else 0
