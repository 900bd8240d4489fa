"""Rows of JSON: an object a line, one behind the other, or a list of them, laid out as columns.

An object within an object gives columns called `outer.inner`. Numbers are kept as they are written,
so that none becomes a float; what is null or lacks is an empty field.
"""

import csv
import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from settle_core.errors import Fault
from settle_core.exports.files import json_pages, scan, split
from settle_core.exports.files.json_pages import ALONE, Page
from settle_core.exports.profiles.keys import Dialect

PLAIN: Final = (".json", ".jsonl", ".ndjson")
ENDINGS: Final = (*PLAIN, *(f"{ending}.gz" for ending in PLAIN))
BYTES_MAX: Final = 2**30  # it is held in memory
SHOWN_MAX: Final = 200
SPACE: Final = re.compile(r"[\s,]*")
# A value that MongoDB wraps to tell its kind, as {"$date": ...} or {"$numberDecimal": ...}.
WRAPPED: Final = "$"
NOT_TEXT: Final = re.compile("[\0\ud800-\udfff]")


class Laid(NamedTuple):
    """JSON, written as a clean CSV: its columns, how many rows, how many rejected, the longest.

    `page` is what the object says in which they stand.
    """

    columns: tuple[str, ...]
    counted: int
    rejected: int
    longest: int
    page: Page = ALONE


class _Row(NamedTuple):
    """What stands at a line: its values by column, or why they are no row."""

    line: int
    values: dict[str, str]
    reason: str
    text: str


class _TwiceError(ValueError):
    """An object in which a name comes twice: which value would be meant?"""


def is_json(name: str) -> bool:
    """Whether a file is called as JSON is."""
    return name.lower().endswith(ENDINGS)


def header(path: Path, csv_: Dialect) -> tuple[str, ...]:
    """The names of the columns, in the order in which they come. Raises Fault as `clean` does."""
    return _columns(_rows(_text(path, csv_), path), path)


def clean(path: Path, csv_: Dialect, target: Path, rejects: Path) -> Laid:
    """Write each object to a clean CSV, its line before it, and what is none beside it.

    Raises:
        Fault: it is no JSON, holds no object, or more than one list of them.
    """
    text = _text(path, csv_)
    columns = _columns(_rows(text, path), path)
    good = bad = longest = 0
    with (
        target.open("w", encoding="utf-8", newline="") as good_file,
        rejects.open("w", encoding="utf-8", errors="replace", newline="") as bad_file,
    ):
        rows = csv.writer(good_file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        told = csv.writer(bad_file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in _rows(text, path):
            if row.reason:
                bad += 1
                told.writerow((row.line, row.reason, row.text[: split.SHOWN_MAX]))
                continue
            fields = [row.values.get(name, "") for name in columns]
            good += 1
            longest = max(longest, sum(map(len, fields)))
            rows.writerow((row.line, *fields))
    return Laid(columns, good, bad, longest, _page(text, path))


def _page(text: str, path: Path) -> Page:
    place = _behind_space(text, 0)
    if text[place : place + 1] != "{" or _is_lines(text, place) or not _within(text, path, place):
        return ALONE
    return json_pages.page(_DECODER.raw_decode(text, place)[0])


def _columns(rows: Iterator[_Row], path: Path) -> tuple[str, ...]:
    found = tuple({name: None for row in rows for name in row.values})
    if not found:
        raise Fault(
            "no row is in the file",
            where=path.name,
            expected="objects, one a line or in one list",
            found="none",
            todo="export it again, or as CSV",
        )
    return found


def _text(path: Path, csv_: Dialect) -> str:
    parts, size = [], 0
    most = max(scan.UNPACKED_BYTES_MIN, scan.UNPACKED_TIMES_MAX * path.stat().st_size)
    with scan.opened(path) as file:
        while part := file.read(scan.CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if scan.is_gzip(path) and size > most:
                raise scan.too_packed(path, path.stat().st_size)
            if size > BYTES_MAX:
                raise Fault(
                    "the file is larger than JSON is read",
                    where=path.name,
                    expected=f"at most {BYTES_MAX:,} bytes",
                    found="more",
                    todo="write it as CSV or Parquet, as DuckDB's COPY does",
                )
    try:
        return b"".join(parts).decode(csv_.encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        raise split.undecodable(path.name, csv_.encoding, str(error), b"".join(parts)) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=str
)


def _rows(text: str, path: Path) -> Iterator[_Row]:
    place = _behind_space(text, 0)
    if text[place : place + 1] == "[":
        yield from _lists(text, path, place, len(text))
    elif place == len(text):
        return
    elif _is_lines(text, place):
        yield from _lines(text)
    else:
        within = _within(text, path, place)
        yield from _lists(text, path, *within) if within else _row_by_row(text, path, place)


def _behind_space(text: str, place: int) -> int:
    found = SPACE.match(text, place)
    return found.end() if found else place


def _is_lines(text: str, place: int) -> bool:
    """Whether the first line with something is a value by itself, and others come behind it."""
    end = text.find("\n", place)
    if end < 0 or not text[end:].strip():
        return False
    try:
        _DECODER.decode(text[place:end])
    except _TwiceError:
        return True
    except (ValueError, RecursionError):
        return False
    return True


def _within(text: str, path: Path, place: int) -> tuple[int, int] | None:
    """Where the one list of objects is within the one object of a file; None if there is none.

    An answer of a web service has it some objects down, beside what tells of pages: of several
    the one that is least deep.
    """
    found: dict[str, tuple[int, int]] = {}
    try:
        _, end = _DECODER.raw_decode(text, place)
        if text[end:].strip():
            return None  # several, one behind the other
        within = {"": place}
        while within and not found:
            members = [each for outer in within.items() for each in _members(text, *outer)]
            found = {name: (start, end) for name, value, start, end in members if _is_rows(value)}
            within = {name: start for name, value, start, _ in members if isinstance(value, dict)}
    except _TwiceError as error:
        raise _twice(path, 1, error) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path, error) from error
    if len(found) > 1:
        raise Fault(
            "more than one list of rows is in the file",
            where=path.name,
            expected="one",
            found=", ".join(found),
            todo="write each to a file of its own",
        )
    return next(iter(found.values()), None)


def _members(text: str, outer: str, place: int) -> Iterator[tuple[str, object, int, int]]:
    """What an object holds: each with its name, and from where to where it stands."""
    place += 1
    while text[place := _behind_space(text, place)] != "}":
        name, place = _DECODER.raw_decode(text, place)
        start = _behind_space(text, text.index(":", place) + 1)
        value, place = _DECODER.raw_decode(text, start)
        yield f"{outer}.{name}" if outer else name, value, start, place


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _lists(text: str, path: Path, place: int, end: int) -> Iterator[_Row]:
    """The objects of a list, and of those that were put behind it."""
    while place < end:
        if text[place] != "[":
            raise _broken(path, ValueError(f"{text[place : place + 20]!r} stands behind the list"))
        place = yield from _values(text, path, place + 1, "]")
        place = _behind_space(text, place)


def _row_by_row(text: str, path: Path, place: int) -> Iterator[_Row]:
    """Objects of several lines each, one behind the other."""
    yield from _values(text, path, place, "")


def _values(text: str, path: Path, place: int, last: str) -> Generator[_Row, None, int]:
    """Each value up to the end, or to what ends a list; where that is."""
    line, counted = 1 + text.count("\n", 0, place), place
    while True:
        place = _behind_space(text, place)
        line += text.count("\n", counted, place)
        counted = place
        if place >= len(text):
            if last:
                raise _broken(path, ValueError("the list has no end"))
            return place
        if text[place] == last:
            return place + 1
        try:
            value, end = _DECODER.raw_decode(text, place)
        except _TwiceError as error:
            raise _twice(path, line, error) from error
        except (ValueError, RecursionError) as error:
            raise _broken(path, error) from error
        yield _row(line, value, text[place : min(end, place + split.SHOWN_MAX)])
        place = end


def _lines(text: str) -> Iterator[_Row]:
    """An object a line."""
    for line, told in enumerate(text.split("\n"), start=1):
        if not told.strip():
            continue
        try:
            value = _DECODER.decode(told)
        except _TwiceError as error:
            reason = f"the name {str(error)!r} comes twice in the object"
            yield _Row(line, {}, reason, told)
        except (ValueError, RecursionError) as error:
            yield _Row(line, {}, f"the line is no JSON: {error}", told)
        else:
            yield _row(line, value, told)


def _row(line: int, value: object, text: str) -> _Row:
    if not isinstance(value, dict):
        return _Row(line, {}, "the row is no object", text)
    values: dict[str, str] = {}
    twice = _flatten("", value, values)
    if twice:
        return _Row(line, {}, f"the name {twice!r} comes twice, nested and not", text)
    bad = next((n for n, told in values.items() if NOT_TEXT.search(told) or NOT_TEXT.search(n)), "")
    if bad:
        return _Row(line, {}, f"{bad!a} holds a character that is no text", text)
    return _Row(line, values, "", text)


def _flatten(before: str, value: dict[str, Any], into: dict[str, str]) -> str:
    """Lay an object out as columns; a name that comes twice, if one does."""
    for key, each in value.items():
        name = f"{before}{key}"
        if isinstance(each, dict):
            inner = _unwrapped(each)
            if isinstance(inner, dict):
                twice = _flatten(f"{name}.", inner, into)
                if twice:
                    return twice
                continue
            each = inner  # noqa: PLW2901  what it wraps
        if name in into:
            return name
        into[name] = _told(each)
    return ""


def _unwrapped(value: dict[str, Any]) -> object:
    """What a value is that MongoDB wraps."""
    while len(value) == 1:
        ((key, inner),) = value.items()
        if not key.startswith(WRAPPED):
            break
        if not isinstance(inner, dict):
            return inner
        value = inner
    return value


def _told(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _broken(path: Path, error: Exception) -> Fault:
    return Fault(
        "the file is no JSON",
        where=path.name,
        expected="objects, one a line or in one list",
        found=str(error)[:SHOWN_MAX],
        todo="export it again; it may be cut off",
    )


def _twice(path: Path, line: int, error: _TwiceError) -> Fault:
    return Fault(
        "a name comes twice in one object",
        where=f"{path.name}, line {line}",
        expected="each name once",
        found=str(error),
        todo="rename or drop one of them in the export",
    )
