"""What was read of each log file, and in words: a file of which nothing was read says so."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from settle_core import formats
from settle_core.logs.model import Found

# Of more files, those that were read as they should be are told as one.
LISTED_MOST: Final = 8


def counted(files: Sequence[dict[str, object]], found: Sequence[Found]) -> None:
    """Add to each file how many statements and lines on jobs were read of it."""
    statements = Counter(s.place.file for each in found for s in each.statements)
    events = Counter(e.place.file for each in found for e in each.events)
    for file in files:
        number = file.pop("number")
        file["statements"], file["job_events"] = statements[number], events[number]  # type: ignore[index]


def says(files: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each log that was given, or one for all where they are many and fully read."""
    plain = [file for file in files if not (_is_empty(file) or file["lines_not_understood"])]
    if len(files) <= LISTED_MOST:
        return [_said(file) for file in files]
    whole = f"{formats.count(len(plain), 'log')} read, with "
    whole += formats.count(sum(file["statements"] for file in plain), "statement")
    return [whole, *(_said(file) for file in files if file not in plain)]


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
        said += f", {formats.count(file['lines_not_understood'])} not understood"
        said += f" (first: line {formats.count(file['first_not_understood'])})"
    if file["log_line_prefix"]:
        said += f", read with log_line_prefix = '{formats.clean(file['log_line_prefix'])}'"
    if file["has_no_year"]:
        said += ", its stamps without a year taken for that of the late rows"
    return said
