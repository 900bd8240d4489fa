"""An Excel workbook is read as its sheet says, or a row of it is rejected: nothing is guessed."""

import csv
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.draft import draft, trial
from settle_core.exports.files import spreadsheet, workbook
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

LAID_OUT_MAX = 8  # times, of the two sheets together
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
ONE_FILE = (
    '[entries]\nfile = "book.xlsx"\nsheet = "entries"\n'
    '[settlements]\nfile = "book.xlsx"\nsheet = "settlements"\n'
)
NAMES = ("entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at", "note")
NOON = datetime(2026, 1, 6, 12)  # noqa: DTZ001  a cell has no zone
ROW = (1, 7, date(2026, 1, 6), 12.5, "entry", NOON, None)


def sheet_of(book: Workbook, title: str, rows: Iterable[Sequence[Any]]) -> Any:  # noqa: ANN401
    sheet = book.active if book.active.title == "Sheet" else book.create_sheet()
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return sheet


def cells(path: Path) -> Iterable[Sequence[Any]]:
    """A CSV as somebody has it in a workbook: numbers and dates, not their text."""
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    yield names
    for row in rows:
        yield [cell(name, value) for name, value in zip(names, row, strict=True)]


def cell(name: str, value: str) -> object:
    if not value:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    if name in {"effective_date", "week_start"}:
        return date.fromisoformat(value)
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return float(value) if "." in value else int(value)
    return value


def sample(path: Path, epoch: datetime = CALENDAR_WINDOWS_1900) -> Path:
    book = Workbook()
    book.epoch = epoch
    for table in ("entries", "settlements"):
        sheet_of(book, table, cells(SAMPLE / f"{table}.csv"))
    path.parent.mkdir(exist_ok=True)
    book.save(path)
    return path.parent


def read(tmp_path: Path, rows: Iterable[Sequence[Any]], settings: str = "") -> Ledger:
    """A ledger of these rows in a sheet of their own."""
    book = Workbook()
    sheet = sheet_of(book, "any", [NAMES, *rows])
    sheet.merge_cells("G90:G91")
    book.save(tmp_path / "entries.xlsx")
    return of(tmp_path, settings)


def of(folder: Path, settings: str = "") -> Ledger:
    (folder / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,0.00,2026-01-12T03:00Z\n",
        "utf-8",
    )
    return Ledger.read(folder, profiles.parse(settings, "test"))


@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904], ids=["1900", "1904"])
def test_a_workbook_is_audited_as_the_same_rows_in_csv(epoch: datetime, tmp_path: Path) -> None:
    folder = sample(tmp_path / "export" / "book.xlsx", epoch)
    profile = tmp_path / "profile.toml"
    profile.write_text(ONE_FILE, "utf-8")
    found, plain = audit.run(folder, str(profile)), audit.run(SAMPLE)
    assert found.findings == plain.findings
    assert found.verdict == plain.verdict == "broken"
    told = [(i.rows_read, i.rows_accepted, i.totals) for i in found.inputs]
    assert told == [(i.rows_read, i.rows_accepted, i.totals) for i in plain.inputs]
    assert {i.sha256 for i in found.inputs} != {i.sha256 for i in plain.inputs}


def test_a_first_profile_names_the_sheets(tmp_path: Path) -> None:
    folder = sample(tmp_path / "export" / "book.xlsx")
    told = draft.guess(folder).text
    (tmp_path / "first.toml").write_text(told, "utf-8")
    assert 'sheet = "settlements"' in told
    assert audit.run(folder, str(tmp_path / "first.toml")).findings == audit.run(SAMPLE).findings


@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [
        (3, 12.505, "amount '12.505' has more than 2 decimals"),
        (3, 1 / 3, "keeps 15 digits: round it"),
        (3, "=SUM(A1:A2)", "amount is a formula that was never calculated: =SUM"),
        (3, "#DIV/0!", "amount is the error #DIV/0!"),
        (1, "#REF!", "account_id is the error #REF!"),
        (0, 1234567890123450, "entry_id is the number 1234567890123450"),
        (2, 46000, "effective_date '46000'"),
        (5, "noon", "recorded_at 'noon'"),
    ],
)
def test_a_cell_without_a_certain_value_rejects_its_row(
    cell: int, value: object, reason: str, tmp_path: Path
) -> None:
    bad = [value if k == cell else each for k, each in enumerate((2, *ROW[1:]))]
    ledger = read(tmp_path, [ROW, bad, (3, *ROW[1:])])
    assert [row.line for row in ledger.rejected] == [3]
    assert reason in next(iter(ledger.rejected)).reason
    entries = ledger.inputs[0]
    assert (entries.rows_read, entries.rows_accepted, entries.rows_lost) == (3, 2, 0)


def test_what_is_not_read_rejects_nothing(tmp_path: Path) -> None:
    rows = [(*ROW[:6], "#N/A"), (2, *ROW[1:6], 12345678901234567890)]
    assert read(tmp_path, rows).inputs[0].rows_accepted == 2


def test_rows_of_merged_cells_are_rejected_and_hidden_ones_are_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = sheet_of(book, "any", [NAMES, *((k, *ROW[1:]) for k in range(1, 5))])
    sheet.merge_cells("B3:B4")
    sheet.row_dimensions[5].hidden = True
    book.save(tmp_path / "entries.xlsx")
    ledger = of(tmp_path)
    assert [row.line for row in ledger.rejected] == [3, 4]
    assert ledger.inputs[0].rows_accepted == 2


def test_text_and_dates_in_one_column_are_read_alike(tmp_path: Path) -> None:
    """Also where the profile has a form of its own, which a cell's own date needs not."""
    rows = [ROW, (2, 7, "07.01.2026", "1.150,25", "entry", "07.01.2026 13:00", None)]
    settings = (
        '[csv]\ndate_format = "%d.%m.%Y"\ntimestamp_format = "%d.%m.%Y %H:%M"\ndecimal = ","\n'
        'thousands = "."\n'
    )
    found = read(tmp_path, rows, settings).con.execute(
        "SELECT effective_date, CAST(amount AS VARCHAR), recorded_at FROM entry ORDER BY entry_id"
    )
    assert found.fetchall() == [
        (date(2026, 1, 6), "12.50", NOON),
        (date(2026, 1, 7), "1150.25", datetime(2026, 1, 7, 13)),  # noqa: DTZ001  UTC
    ]


def test_the_first_sheet_that_is_not_hidden_is_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet_of(book, "old", [NAMES, (9, *ROW[1:]), (10, *ROW[1:])]).sheet_state = "hidden"
    sheet_of(book, "new", [["Export of January"], (*NAMES[:-1], "memo"), ROW])
    book.active = 1
    book.save(tmp_path / "entries.xlsx")
    assert of(tmp_path, "[entries.csv]\nskip_lines = 1\n").inputs[0].rows_read == 1


def test_a_size_that_the_file_tells_wrongly_cuts_nothing_off(tmp_path: Path) -> None:
    read(tmp_path, [(k, *ROW[1:]) for k in range(1, 6)])
    path = tmp_path / "entries.xlsx"
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    held[name] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:D3"', held[name])
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in held.items():
            archive.writestr(each, data)
    assert of(tmp_path).inputs[0].rows_accepted == 5


def test_a_table_that_goes_on_in_another_sheet_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    for title in ("one", "two"):
        sheet_of(book, title, [NAMES, ROW])
    book.save(tmp_path / "entries.xlsx")
    with pytest.raises(Fault, match=r"a table goes on in another sheet in entries\.xlsx, two"):
        of(tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[entries]\nsheet = "Enttries"\n', "there is no sheet 'Enttries'.*found any"),
        ('[settlements]\nsheet = "any"\n', "only a workbook has sheets in settlements.csv"),
    ],
)
def test_a_sheet_that_is_not_there_is_told(settings: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=message):
        read(tmp_path, [ROW], settings)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99])
def test_what_is_no_workbook_is_one_line(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "entries.xlsx").write_bytes(data)
    with pytest.raises(
        Fault, match=r"file cannot be read as a workbook in entries\.xlsx"
    ) as caught:
        of(tmp_path)
    assert "\n" not in str(caught.value)


def test_without_the_extra_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "find_spec", lambda _: None)
    with pytest.raises(Fault, match=r"openpyxl.*settle-core\[excel\]"):
        read(tmp_path, [ROW])


def test_a_first_profile_parses_a_sheet_once_however_many_readings_it_tries(
    tmp_path: Path,
) -> None:
    """Nothing makes the weeks agree, so all is tried: parsing took nearly all of that time."""
    book = Workbook()
    names, *rows = cells(SAMPLE / "entries.csv")
    sheet_of(
        book, "entries", [[*names, "state"], *([*row, "ab"[row[0] % 2]] for row in rows[:150])]
    )
    names, *rows = cells(SAMPLE / "settlements.csv")
    place = names.index("settled_amount")
    paid = ([*row[:place], 9876.5 + k, *row[place + 1 :]] for k, row in enumerate(rows))
    sheet_of(book, "settlements", [names, *paid])
    book.save(tmp_path / "book.xlsx")
    look, read = spreadsheet._look, Ledger.read  # noqa: SLF001  who lays a sheet out calls it
    with (
        patch.object(spreadsheet, "_look", wraps=look) as laid_out,
        patch.object(Ledger, "read", wraps=read) as tried,
        patch.object(trial, "EFFORTS", ((0, trial.Effort(12, 1)),)),
        pytest.raises(Fault, match="agree"),
    ):
        draft.guess(tmp_path)
    assert tried.call_count > LAID_OUT_MAX
    assert laid_out.call_count <= LAID_OUT_MAX


def test_what_is_held_of_a_workbook_is_of_the_file_as_it_is(tmp_path: Path) -> None:
    for number in (1, 2):
        book = Workbook()
        sheet_of(book, "rows", [("id",), *((k,) for k in range(number))])
        book.save(tmp_path / f"{number}.xlsx")
    path = tmp_path / "book.xlsx"
    with workbook.held():
        for name, count in (("1.xlsx", 2), ("1.xlsx", 2), ("2.xlsx", 3)):
            if name == "2.xlsx" or not path.exists():
                path.write_bytes((tmp_path / name).read_bytes())
            with workbook.opened_book(path, calculated=True) as book:
                assert len([*spreadsheet.rows_of(spreadsheet.all_of(book["rows"]))]) == count


def test_a_held_sheet_that_breaks_off_breaks_off_each_time(tmp_path: Path) -> None:
    """Its rows up to there are no whole sheet for whoever reads it next."""
    path = sample(tmp_path / "export" / "book.xlsx") / "book.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet[: len(sheet) // 2]
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    with workbook.held():
        for _ in range(2):
            with (
                pytest.raises(Fault, match="cannot be read as a workbook"),
                workbook.opened_book(path, calculated=True) as book,
            ):
                [*spreadsheet.rows_of(spreadsheet.all_of(book.worksheets[0]))]
