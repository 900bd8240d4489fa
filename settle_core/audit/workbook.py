"""`workbook.xlsx`: a run for those who work in a spreadsheet. Needs the extra `excel`.

The same rows as the other files of a run folder. Nothing in a cell is run: text goes in as text,
and no formula is written. The same run gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from settle_core import contract
from settle_core.audit import run_folder
from settle_core.audit.correction import Correction
from settle_core.audit.finding import largest
from settle_core.audit.walk import Walk
from settle_core.contract import Finding
from settle_core.exports.reading.rejected import Rejected
from settle_core.rules import rule

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from settle_core.audit.sheets import Formats, Sheet

FILE: Final = run_folder.WORKBOOK
INSTALL: Final = "pip install 'settle-core[excel]'"
# More rows make a sheet that opens slowly; a sheet could hold 1,048,576.
ROWS_MAX: Final = 100_000
FINDINGS_MAX: Final = 10_000  # nobody reads on, and a row has nineteen cells
COLUMNS_A_PAGE: Final = 15  # of more, half as many stand on a page, so that they can be read
WALKS_MAX: Final = 1_000  # findings whose walks are listed, the biggest
WEEKS_MAX: Final = 16_000  # a sheet has 16,384 columns
STEP_COLUMNS: Final = (
    *("account_id", "currency", "level", "day", "recorded_at", "kind", "entry_id", "amount"),
    *("expected_amount", "residual_after", "role", "job_id", "unseen_entry_ids"),
)
# Of `evidence.jsonl`: the lines of logs that prove something.
LINE_COLUMNS: Final = ("entry_id", "label", "job_id", "at", "file", "line", "text", "sha256")


def is_available() -> bool:
    """Whether the library that writes it is installed."""
    return find_spec("xlsxwriter") is not None


def write(  # noqa: PLR0913, PLR0917  one for each sheet
    path: Path,
    manifest: Mapping[str, Any],
    findings: Sequence[Finding],
    corrections: Sequence[Correction],
    rejected: Sequence[Rejected],
    walks: Sequence[Walk] = (),
    lines: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write the sheets, in the report's order: summary, weeks, findings, walks, corrections, ...

    The weeks are a table of accounts by weeks, the walks one row for each step of the given days.
    `lines` are the lines of logs that prove something; without any there is no sheet of them.

    Amounts are numbers in major units, or text where a number would not hold them exactly; ids are
    text; instants are UTC. Of more than `ROWS_MAX` rows a sheet has the first, and the summary says
    so; of more than `FINDINGS_MAX` findings those of biggest effect, and the sheet itself says so.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  an extra

    from settle_core.audit.sheets import Formats  # noqa: PLC0415

    # What no currency of the run has is no decimal of its amounts: yen have none.
    scale = max(manifest["decimals"].values(), default=manifest["profile"]["money.scale"])
    # Rows go to the disk as they come: a sheet may have a hundred thousand.
    options = {"default_date_format": "yyyy-mm-dd", "constant_memory": True}
    with Workbook(str(path), options) as book:
        book.set_properties({"created": datetime.fromisoformat(manifest["as_of"])})
        formats = Formats(book, scale)
        listed = (
            ("findings", len(findings), FINDINGS_MAX, "findings.parquet"),
            ("corrections", len(corrections), ROWS_MAX, "corrections.csv"),
            ("rejected rows", len(rejected), ROWS_MAX, "rejected.csv"),
        )
        summary = [*_summary(manifest), *(_whole(*each) for each in listed)]
        _sheet(book, formats, "summary", ("what", "value"), summary)
        _weeks(book, formats, findings)
        shown = _biggest(findings)
        last = _sheet(book, formats, "findings", contract.FINDING_COLUMNS, map(_row, shown))
        if len(shown) < len(findings):
            note = " ".join(_whole(*listed[0]))
            book.get_worksheet_by_name("findings").write_string(last + 2, 0, note, formats.text)
        _sheet(book, formats, "walks", STEP_COLUMNS, islice(_steps(walks), ROWS_MAX))
        if lines:
            told = ([line[name] for name in LINE_COLUMNS] for line in lines[:ROWS_MAX])
            _sheet(book, formats, "log lines", LINE_COLUMNS, told)
        rows = ([*c[:-1], ",".join(c.finding_ids)] for c in corrections[:ROWS_MAX])
        _sheet(book, formats, "corrections", Correction._fields, rows)
        totals = _totals(manifest)
        _sheet(book, formats, "control totals", ("file", "total", "value"), totals)
        _sheet(book, formats, "rejected rows", Rejected._fields, rejected[:ROWS_MAX])
        _sheet(book, formats, "parameters", ("parameter", "value"), _parameters(manifest))


def _print_set_up(sheet: "Sheet", columns: int) -> None:
    """On paper: across, legible, the titles on each page, the sheet and page below."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    if columns > COLUMNS_A_PAGE:
        sheet.fit_to_pages(2, 0)
        sheet.repeat_columns(0)
    else:
        sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&F, &A&R&P of &N")


def _weeks(book: "Workbook", formats: "Formats", findings: Sequence[Finding]) -> None:
    """Accounts by weeks: what each week is off by, red above and blue below its settled amount."""
    residuals = {
        (f.currency, f.account_id, f.week_start): f.effect
        for f in findings
        if rule.of(f.rule).effect == "residual" and f.status != "accepted"
    }
    weeks = sorted({week for *_, week in residuals})[:WEEKS_MAX]
    accounts = sorted({key[:2] for key in residuals}, key=lambda key: (key[0], len(key[1]), key))
    rows = (
        [currency, account, *(residuals.get((currency, account, week)) for week in weeks)]
        for currency, account in accounts[:ROWS_MAX]
    )
    titles = ["currency", "account_id", *(week.isoformat() for week in weeks)]
    _sheet(book, formats, "weeks", titles, rows)
    if weeks:
        sheet = book.get_worksheet_by_name("weeks")
        area = (1, 2, len(accounts), len(weeks) + 1)
        for criteria, formed in ((">", formats.above), ("<", formats.below)):
            rules = {"type": "cell", "criteria": criteria, "value": 0, "format": formed}
            sheet.conditional_format(*area, rules)


def _steps(walks: Sequence[Walk]) -> Iterator[Sequence[object]]:
    for each in walks:
        day = each.effective_date or each.week_start
        for step, residual in zip(each.steps, each.residuals, strict=True):
            expected = step.amount if step.expected is None else step.expected
            unseen = ",".join(step.unseen)
            yield (
                *(each.account_id, each.currency, each.level, day, step.recorded_at, step.kind),
                *(step.entry_id, step.amount, expected, residual, step.role, step.job_id, unseen),
            )


def _row(found: Finding) -> Sequence[object]:
    *values, unseen, job_id, recorded_at, explanation, causes = found
    return (*values, ",".join(unseen), job_id, recorded_at, explanation, ",".join(causes))


def _biggest(findings: Sequence[Finding]) -> Sequence[Finding]:
    if len(findings) <= FINDINGS_MAX:
        return findings
    return largest(findings, FINDINGS_MAX)


def _whole(name: str, count: int, most: int, file: str) -> tuple[str, str]:
    """Whether a sheet has all of its rows, and else where they are."""
    if count <= most:
        return f"{name} in the sheet", "all"
    which = "those of biggest effect in their currency" if name == "findings" else "the first"
    return f"{name} in the sheet", f"{most} of {count}, {which}; {file} has all"


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
        return ", ".join(f"{key} = {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, int) else str(value)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _sheet(
    book: "Workbook",
    formats: "Formats",
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> int:
    """Add a sheet.

    Returns:
        The number of its last row.
    """
    from settle_core.audit.sheets import Sheet  # noqa: PLC0415  with an extra

    sheet: Sheet = book.add_worksheet(name, Sheet)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, formats.heading)
    last, *found = sheet.write_rows(formats, rows)
    widths = [max([len(column) + 3, *found[k : k + 1]]) for k, column in enumerate(columns)]
    _print_set_up(sheet, len(columns))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    # Ids are text on purpose, so no cell is to warn of a number kept as text.
    sheet.ignore_errors({"number_stored_as_text": "A1:Z1048576"})
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    return last
