"""What another build of settle-core wrote, held to what this one would write of the same findings.

Builds order and choose otherwise, and one may tell what another does not: that is no change of the
run, and it is said. What a file says of a finding, a step, a row or a total is demanded of every
build, so that nothing but order, choice and looks is hidden by naming another one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from settle_core import formats
from settle_core.audit import run_folder

Row = tuple[object, ...]
NOTE = " in the sheet"  # of what a sheet leaves out


class Sheets(NamedTuple):
    """The rows of a workbook by sheet, which may be another than the one it is held to."""

    of: dict[str, list[Row]]

    def otherwise(self, wanted: "Sheets") -> tuple[list[str], list[str]]:
        """The sheets that have the same rows in another order, and those that have others."""
        in_order, in_rows = list[str](), list[str]()
        for title in dict.fromkeys((*wanted.of, *self.of)):
            expected, found = wanted.rows(title), self.rows(title)
            if expected != found:
                is_order = expected[:1] == found[:1] and Counter(expected) == Counter(found)
                (in_order if is_order else in_rows).append(title)
        return in_order, in_rows

    def rows(self, title: str) -> list[Row]:
        """The rows of a sheet, but for what it says of its own choice of rows."""
        rows = self.of.get(title, ())
        return [row for row in rows if {*row} != {None} and NOTE not in str(row[:1])]


def name(manifest: Mapping[str, Any]) -> str:
    """Which build made a run, and which this is, if that is another one; else empty.

    A run that names no build was made by another one: this one names itself.
    """
    made, ours = str(manifest.get("source", "")), run_folder.source()
    if made == ours:
        return ""
    then = manifest["versions"].get("settle-core", "none")
    of_it = f"source {made[:12]}" if made else "which names no source"
    return f"{then}, {of_it}; this is {version('settle-core')}, source {ours[:12]}"


def can_read_sheets() -> bool:
    """Whether the library that reads a workbook is installed."""
    return find_spec("openpyxl") is not None


def sheets(path: Path) -> Sheets:
    """Read the rows of a workbook. Raises ValueError if it is none."""
    from openpyxl import load_workbook  # noqa: PLC0415  an extra

    from settle_core.exports.files.workbook import BROKEN  # noqa: PLC0415

    try:
        book = load_workbook(path, read_only=True)
        try:
            return Sheets(
                {each.title: [*each.iter_rows(values_only=True)] for each in book.worksheets}
            )
        finally:
            book.close()
    except BROKEN as error:
        raise ValueError(f"not a workbook: {error}") from error


def first_difference(wanted: object, told: object, path: str = "") -> tuple[str, str, str]:
    """Where two values differ first, and what stands there: a whole list is not to be read."""
    pairs: dict[str, tuple[object, object]] = {}
    if isinstance(wanted, dict) and isinstance(told, dict):
        dot = "." if path else ""
        for key in dict.fromkeys((*wanted, *told)):
            pairs[f"{path}{dot}{key}"] = wanted.get(key, ...), told.get(key, ...)
    elif isinstance(wanted, list) and isinstance(told, list):
        for place in range(max(len(wanted), len(told))):
            pairs[f"{path}[{place}]"] = _at(wanted, place), _at(told, place)
    for inner, (expected, found) in pairs.items():
        if expected != found:
            return first_difference(expected, found, inner)
    return path, said(wanted), said(told)


def _at(values: Sequence[object], place: int) -> object:
    return values[place] if place < len(values) else ...


def said(value: object) -> str:
    """A value as it is told beside another one."""
    return "nothing" if value is ... else formats.brief(str(value), run_folder.SAID_MAX)
