"""`workbook.xlsx`: a run for those who work in a spreadsheet. Needs the extra `excel`.

The same rows as the other files of a run folder. Nothing in a cell is run: text goes in as text,
and no formula is written. The same run gives the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from settle_core import contract
from settle_core.audit.correction import Correction
from settle_core.contract import Finding
from settle_core.exports.rejected import Rejected

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FILE: Final = "workbook.xlsx"
INSTALL: Final = "pip install 'settle-core[excel]'"
# More rows make a sheet that opens slowly; a sheet could hold 1,048,576.
ROWS_MAX: Final = 100_000
# A cell's number is a double: of more digits the last ones would change without a word.
DIGITS_MAX: Final = 15
TEXT_MAX: Final = 32_767
WIDTH_MAX: Final = 60
EPOCH: Final = date(1900, 3, 1)  # before it, spreadsheets count a day that there was not


def is_available() -> bool:
    """Whether the library that writes it is installed."""
    return find_spec("xlsxwriter") is not None


def write(
    path: Path,
    manifest: Mapping[str, Any],
    findings: Sequence[Finding],
    corrections: Sequence[Correction],
    rejected: Sequence[Rejected],
) -> None:
    """Write the sheets summary, findings, corrections, control totals, rejected rows, parameters.

    Amounts are numbers in major units, or text where a number would not hold them exactly; ids are
    text; instants are UTC. Of more than `ROWS_MAX` rows a sheet has the first,
    of findings those of biggest effect, and the summary says so.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  an extra

    scale = manifest["profile"]["money.scale"]
    with Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime.fromisoformat(manifest["as_of"])})
        formats = _Formats(book, scale)
        listed = (
            ("findings", len(findings), "findings.parquet"),
            ("corrections", len(corrections), "corrections.csv"),
            ("rejected rows", len(rejected), "rejected.csv"),
        )
        summary = [*_summary(manifest), *(_whole(*each) for each in listed)]
        _sheet(book, formats, "summary", ("what", "value"), summary)
        shown = _biggest(findings)
        rows = ([",".join(v) if isinstance(v, tuple) else v for v in f] for f in shown)
        _sheet(book, formats, "findings", contract.FINDING_COLUMNS, rows)
        rows = ([*c[:-1], ",".join(c.finding_ids)] for c in corrections[:ROWS_MAX])
        _sheet(book, formats, "corrections", Correction._fields, rows)
        totals = _totals(manifest)
        _sheet(book, formats, "control totals", ("file", "total", "value"), totals)
        _sheet(book, formats, "rejected rows", Rejected._fields, rejected[:ROWS_MAX])
        _sheet(book, formats, "parameters", ("parameter", "value"), _parameters(manifest))


class _Formats:
    def __init__(self, book: "Workbook", scale: int) -> None:
        money = "#,##0" + ("." + "0" * scale if scale else "")
        self.heading = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self.money = book.add_format({"num_format": f"{money};-{money}"})
        self.count = book.add_format({"num_format": "#,##0"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self.amount_text = book.add_format({"align": "right"})


def _biggest(findings: Sequence[Finding]) -> Sequence[Finding]:
    if len(findings) <= ROWS_MAX:
        return findings
    return sorted(findings, key=lambda f: -abs(f.effect or Decimal()))[:ROWS_MAX]


def _whole(name: str, count: int, file: str) -> tuple[str, str]:
    """Whether a sheet has all of its rows, and else where they are."""
    if count <= ROWS_MAX:
        return f"{name} in the sheet", "all"
    which = "those of biggest effect" if name == "findings" else "the first"
    return f"{name} in the sheet", f"{ROWS_MAX} of {count}, {which}; {file} has all"


def _summary(manifest: Mapping[str, Any]) -> list[tuple[str, object]]:
    counts = manifest["counts"]
    rows: list[tuple[str, object]] = [("verdict", manifest["verdict"])]
    rows += [("export", manifest["export"]), ("as of, UTC", _instant(manifest["as_of"]))]
    return rows + [(name.replace("_", " "), count) for name, count in counts.items()]


def _totals(manifest: Mapping[str, Any]) -> list[tuple[str, str, object]]:
    rows: list[tuple[str, str, object]] = []
    for given in manifest["inputs"]:
        nested = {"name", "totals", "set_aside"}
        simple = [(name, value) for name, value in given.items() if name not in nested]
        simple += [(f"set aside, {what}", count) for what, count in given["set_aside"].items()]
        rows += [(given["name"], name.replace("_", " "), value) for name, value in simple]
        rows += [
            (given["name"], f"sum, {currency}", Decimal(total))
            for currency, total in given["totals"].items()
        ]
    return rows


def _parameters(manifest: Mapping[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = list(manifest["parameters"].items())
    rows += [(f"profile {name}", _plain(value)) for name, value in manifest["profile"].items()]
    return rows + [(f"version of {name}", v) for name, v in manifest["versions"].items()]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {inner}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, int) else str(value)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _sheet(
    book: "Workbook",
    formats: _Formats,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    sheet = book.add_worksheet(name)
    widths = [len(column) + 3 for column in columns]
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, formats.heading)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _cell(sheet, formats, last, place, value)
            widths[place] = max(widths[place], min(len(str(value or "")) + 1, WIDTH_MAX))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    # Ids are text on purpose, so no cell is to warn of a number kept as text.
    sheet.ignore_errors({"number_stored_as_text": "A1:Z1048576"})
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)


def _cell(sheet: "Worksheet", formats: _Formats, row: int, column: int, value: object) -> None:
    if value is None or value == "":
        return
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) <= DIGITS_MAX:
            sheet.write_number(row, column, value, formats.money)
        else:
            sheet.write_string(row, column, f"{value:f}", formats.amount_text)
    elif isinstance(value, bool):
        sheet.write_string(row, column, str(value).lower())
    elif isinstance(value, int) and len(str(abs(value))) <= DIGITS_MAX:
        sheet.write_number(row, column, value, formats.count)
    elif isinstance(value, datetime) and value.date() >= EPOCH:
        sheet.write_datetime(row, column, value, formats.instant)
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= EPOCH:
        sheet.write_datetime(row, column, value, formats.day)
    else:
        sheet.write_string(row, column, str(value)[:TEXT_MAX])
