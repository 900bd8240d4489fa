"""What was read of each log file, and in words: a file of which nothing was read says so."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from settle_core import formats
from settle_core.logs.lines.model import Found

# Of more files, those that were read as they should be are told as one.
LISTED_MOST: Final = 8
_NAME_MOST: Final = 40
ALL: Final = "all understood"


def counted(files: Sequence[dict[str, object]], found: Sequence[Found]) -> None:
    """Add to each file how many statements and lines on jobs were read of it."""
    statements = Counter(s.place.file for each in found for s in each.statements)
    for each in found:
        for (number, _), count in each.thinned.items():
            statements[number] += count
    events = Counter(e.place.file for each in found for e in each.events)
    for each in found:
        events.update(each.thinned_events)
    for file in files:
        at: Any = file.pop("number")
        file["statements"], file["job_events"] = statements[at], events[at]


def says(files: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each log that was given, or one for all where they are many and fully read."""
    plain = [file for file in files if _is_plain(file)]
    if len(files) <= LISTED_MOST:
        return [_said(file) for file in files]
    whole = f"{formats.count(len(plain), 'log')} read, with {_statements(plain)}"
    return [whole, *(_said(file) for file in files if file not in plain)]


def rows(files: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """For a table: each log's name, what was read of it, whether that was all, from when to when.

    Of many logs those that were read as they should be are one row.
    """
    listed, made = list(files), []
    if len(files) > LISTED_MOST:
        listed = [file for file in files if not _is_plain(file)]
        plain = [file for file in files if _is_plain(file)]
        if plain:
            count = formats.count(len(plain), "log")
            made.append((count, f"{_statements(plain)} in them", ALL, _period(plain)))
    names = Counter(Path(file["path"]).name for file in files)
    for file in listed:
        name = Path(file["path"]).name
        shown = name if names[name] == 1 else file["path"]
        made.append((formats.brief(shown, _NAME_MOST), *_read(file), _period([file])))
    return made


def _statements(files: Sequence[Mapping[str, Any]]) -> str:
    return formats.count(sum(file["statements"] for file in files), "statement")


def _read(file: Mapping[str, Any]) -> tuple[str, str]:
    """What was read of a log, and what was not."""
    said = _said(file).removeprefix(f"{file['path']}: ")
    if _is_empty(file):
        return "", said
    if not file["lines_not_understood"]:
        return said, ALL
    unread = _unread(file)
    return said.replace(f", {unread}", "", 1), unread


def _period(files: Sequence[Mapping[str, Any]]) -> str:
    told = [file for file in files if file.get("first_at")]
    if not told:
        return "no times"
    first, last = (
        datetime.fromisoformat(at).replace(microsecond=0)
        for at in (min(f["first_at"] for f in told), max(f["last_at"] for f in told))
    )
    if first.date() == last.date():
        clocks = f"{formats.clock(first)} to {formats.clock(last)}"
        return f"{formats.day(first)} {clocks}{formats.GAP}UTC"
    return f"{formats.instant(first)} to {formats.instant(last)}"


def _is_plain(file: Mapping[str, Any]) -> bool:
    return not (_is_empty(file) or file["lines_not_understood"])


def _unread(file: Mapping[str, Any]) -> str:
    said = f"{formats.count(file['lines_not_understood'])} not understood"
    return f"{said} (first: line {formats.count(file['first_not_understood'])})"


def _is_empty(file: Mapping[str, Any]) -> bool:
    """Whether no line told anything: of SQL, or of a job."""
    return not (file["statements"] or file["job_events"])


def _said(file: Mapping[str, Any]) -> str:
    lines = formats.count(file["lines"], "line")
    if _is_empty(file):
        why = "none tells of a statement or of a job"
        if file["lines"] and file["lines"] == file["lines_of_other_times"]:
            why = "all are of other times than the late rows"
        elif file["lines_of_pgaudit"]:
            why = "pgAudit's do not tell when a statement ended (log_statement = 'all' does)"
        return f"{file['path']}: NOTHING was read of this log's {lines}: {why}"
    said = f"{file['path']}: {lines} of {file['kind']}, "
    said += formats.count(file["statements"], "statement")
    if file["job_events"]:
        said += f", {formats.count(file['job_events'], 'line')} on jobs"
    if file["lines_not_understood"]:
        said += f", {_unread(file)}"
    if file["log_line_prefix"]:
        said += f", read with log_line_prefix = '{formats.clean(file['log_line_prefix'])}'"
    if file.get("hours_ahead"):
        said += f", its clock {file['hours_ahead']:+g} h off the ledger's"
    if file["has_no_year"]:
        said += ", its stamps without a year taken for that of the late rows"
    return said
