"""Logs as query tools export them: as a table, as one JSON document, the newest line first.

CloudWatch Logs Insights, Datadog, Google's log explorer, Kibana, Splunk: what they give away has a
header or brackets, and a record may go on over lines. Each record is read as an object of fields,
which is what collectors keep line by line.
"""

import csv
import gzip
import json
import mmap
import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from settle_core.logs.scanned.opened import open_log

# What tools call the line, and what they call its time, beside the names that collectors use.
LINES: Final = {
    **dict.fromkeys(("_raw", "content", "logentry", "logmessage", "log.message"), "message"),
    **{name: name for name in ("message", "msg", "@message", "log", "line", "body")},
    "textpayload": "textPayload",
    "jsonpayload.message": "jsonPayload.message",
}
_TIMES: Final = {
    **dict.fromkeys(("_time", "timegenerated", "timegenerated [utc]", "date"), "timestamp"),
    **{name: name for name in ("timestamp", "@timestamp", "time", "ts")},
}
_SOURCES: Final = dict.fromkeys(("@logstream", "logstream", "logstreamname"), "logStreamName")
_DELIMITERS: Final = (",", ";", "\t")
_HEADER: Final = re.compile(r"[A-Za-z@_][\w.@/ \[\]-]{0,80}")
_DOCUMENT: Final = re.compile(r'\ufeff?\s*(?:\{[^\[]{0,2000}?)?\[\s*(?=(?:\[\s*)?\{\s*")')
_BETWEEN: Final = re.compile(r"[\s,]*")
# At the head of a line: a statement's values hold stamps as well.
_STAMP: Final = re.compile(
    r"(?:\{.*?|[^'\"]{0,48}?)(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d+)?)", re.DOTALL
)
_SAMPLE_BYTES: Final = 1 << 20
_DESCENTS_MIN: Final = 3
# For each step up of the time so many down: a log that is newest first.
_DESCENTS_SHARE: Final = 10
_LINE_MAX: Final = 1 << 20

Piece = tuple[int, int, bytes]


class Form(NamedTuple):
    """How the records of a file are told: by a table's columns, or as objects of a document."""

    columns: tuple[str, ...] = ()
    delimiter: str = ""

    @property
    def has_lines(self) -> bool:
        """Whether it is known which field holds the log's lines."""
        return not self.columns or any(name.lower() in LINES for name in self.columns)

    def line(self, record: str) -> str:
        """A record as one line of JSON, with the names that collectors use; as it is if cut."""
        if not self.columns:
            try:
                told = json.loads(record)
            except ValueError:
                return record
            if isinstance(told, list):  # of pairs, as Insights answers
                told = {e.get("field"): e.get("value") for e in told if isinstance(e, dict)}
            return json.dumps(told, ensure_ascii=False)
        values = next(csv.reader([record], delimiter=self.delimiter), [])
        if len(values) != len(self.columns):
            return record
        told = {}
        for name, value in zip(self.columns, values, strict=True):
            if value:
                _put(told, _name(name), value)
        return json.dumps(told, ensure_ascii=False)


def _name(column: str) -> str:
    low = column.lower()
    return LINES.get(low) or _TIMES.get(low) or _SOURCES.get(low) or column


def _put(told: dict[str, object], name: str, value: str) -> None:
    """Google flattens objects to columns such as `jsonPayload.jid`."""
    outer, _, inner = name.partition(".")
    within = told.setdefault(outer, {}) if inner and outer == "jsonPayload" else None
    if isinstance(within, dict):
        within[inner] = value
    else:
        told[name] = value


def form(lines: Sequence[str]) -> Form | None:
    """The form of a file by its first lines, None where each is a line of a log."""
    if not lines:
        return None
    is_whole = len(lines) > 1 and _is_object(lines[0])
    if not is_whole and _DOCUMENT.match("\n".join(lines[:50])):
        return Form()
    for delimiter in _DELIMITERS:
        columns = next(csv.reader([lines[0]], delimiter=delimiter), [])
        if not columns or not all(_HEADER.fullmatch(each) for each in columns):
            continue
        one = Form(tuple(columns), delimiter)
        # PostgreSQL's csvlog, loaded into a table and written again, is read as itself.
        is_csvlog = columns[0] == "log_time"
        is_table = len(lines) > 1 and not is_csvlog and _is_row(lines[1:], one)
        if is_table and (one.has_lines or len(columns) > 1):
            return one
    return None


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _is_row(lines: Sequence[str], one: Form) -> bool:
    """Whether the first record after a header has as many fields."""
    told = "\n".join(lines[:400])
    first = next(csv.reader(told.splitlines(keepends=True), delimiter=one.delimiter), [])
    return len(first) == len(one.columns)


def pieces(data: "bytes | mmap.mmap", form: Form | None) -> Iterator[Piece]:
    """The records of a file: the number of the first line, the place in bytes, the bytes."""
    if form is not None and not form.columns:
        yield from _objects(data[:].decode("utf-8", "surrogateescape"))
        return
    number = offset = 0
    is_header = form is not None
    while offset < len(data):
        end = _end(data, offset)
        while form is not None and data[offset:end].count(b'"') % 2 and end < len(data):
            if end - offset > _LINE_MAX:
                break
            end = _end(data, end)
        raw = data[offset:end]
        if not is_header:
            yield number + 1, offset, raw
        is_header = False
        number += raw.count(b"\n")
        offset = end


def _end(data: "bytes | mmap.mmap", offset: int) -> int:
    return data.find(b"\n", offset) + 1 or len(data)


def _objects(text: str) -> Iterator[Piece]:
    """The objects of a document; what follows one that is cut is one piece that nobody reads."""
    opening = _DOCUMENT.match(text)
    decoder = json.JSONDecoder()
    at = opening.end() if opening else 0
    number, offset, done = 1, 0, 0
    while at < len(text) and text[at] in "{[":
        try:
            _, end = decoder.raw_decode(text, at)
        except ValueError:
            end = len(text)
        number += text.count("\n", done, at)
        offset += len(text[done:at].encode("utf-8", "surrogateescape"))
        raw = text[at:end].encode("utf-8", "surrogateescape")
        yield number, offset, raw
        done, at = at, _BETWEEN.match(text, end).end()  # type: ignore[union-attr]


def is_newest_first(texts: Sequence[str]) -> bool:
    """Whether lines, or the stamps of their collector, go back in time."""
    stamps = [found.groups() for text in texts if (found := _STAMP.match(text[:400]))]
    down = sum(later < earlier for earlier, later in pairwise(stamps))
    up = sum(later > earlier for earlier, later in pairwise(stamps))
    return down >= _DESCENTS_MIN and down > _DESCENTS_SHARE * up


def sample(path: str, form: Form, most: int) -> list[str]:
    """The first records of a file, but for one that its first part cuts."""
    with open_log(path) as file:
        head = file.read(_SAMPLE_BYTES)
    found = list(pieces(head, form))
    found = found if len(head) < _SAMPLE_BYTES else found[:-1]
    return [raw.decode("utf-8", "replace").rstrip("\r\n") for *_, raw in found[:most]]


def in_order(path: str, form: Form | None, *, is_backwards: bool) -> Iterator[Piece]:
    """The records of a file, the oldest first."""
    with open_log(path) as file:
        is_plain = not isinstance(file, gzip.GzipFile)
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if is_plain else file.read()
        if not is_backwards:
            yield from pieces(data, form)
            return
        places = array("Q")
        for number, offset, raw in pieces(data, form):
            places.extend((number, offset, len(raw)))
        for at in range(len(places) - 3, -1, -3):
            number, offset, length = places[at : at + 3]
            yield number, offset, data[offset : offset + length]
