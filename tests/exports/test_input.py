"""One broken export per message: what cannot be read is refused or rejected, nothing is lost."""

import gzip
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PARQUET = Path(__file__).parents[2] / "data" / "sample_parquet"
CANONICAL = profiles.load("canonical")
Edit = Callable[[Path], object]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    shutil.copytree(SAMPLE, folder)
    return folder


def replace(name: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return edit


def append(name: str, line: str) -> Edit:
    def edit(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return edit


def float_money(folder: Path) -> None:
    (folder / "entries.csv").unlink()
    source, target = str(PARQUET / "entries.parquet"), str(folder / "entries.parquet")
    as_double = "* REPLACE (CAST(amount AS DOUBLE) AS amount)"
    duckdb.read_parquet(source).project(as_double).write_parquet(target)


HEADER = "entry_id,account_id,effective_date,amount,kind,memo,job_id,recorded_at"
FAULTS: dict[str, tuple[Edit, str]] = {
    "no file": (lambda f: (f / "entries.csv").unlink(), "no file matches in .*: expected one file"),
    "two files": (
        lambda f: shutil.copy(PARQUET / "entries.parquet", f),
        "more than one file matches in .*entries.csv, entries.parquet",
    ),
    "empty file": (lambda f: (f / "entries.csv").write_text(""), "file is empty in entries.csv"),
    "missing column": (
        replace("entries.csv", "recorded_at", "written_at"),
        "column 'recorded_at' is missing .*in entries.csv: expected .*found .*written_at",
    ),
    "two columns of one name": (
        replace("entries.csv", "memo", "amount"),
        "two columns of one name in entries.csv: expected each name once, found amount",
    ),
    "money as float": (float_money, "column 'amount' holds money as DOUBLE in entries.parquet"),
    "no entry": (
        lambda f: (f / "entries.csv").write_text(f"{HEADER}\n"),
        "there is no row in .*entries.csv: expected the entries of the ledger, found a table with",
    ),
    "no settlement": (
        lambda f: (f / "settlements.csv").write_text(
            "account_id,week_start,settled_amount,settled_at\n"
        ),
        "nothing to audit in .*: expected entries, and at least one settled week",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_one_clear_line(name: str, export: Path) -> None:
    edit, message = FAULTS[name]
    edit(export)
    with pytest.raises(Fault, match=message) as caught:
        audit.run(export, "canonical")
    assert "\n" not in str(caught.value)


ROW = "99,1001,2026-09-08,{amount},{kind},,,{recorded_at}"


def row(
    amount: str = "1.00", kind: str = "entry", recorded_at: str = "2026-09-08T10:00:00Z"
) -> str:
    return ROW.format(amount=amount, kind=kind, recorded_at=recorded_at)


REJECTED: dict[str, tuple[str, str]] = {
    "too many decimals": (row("10.005"), "amount '10.005' has more than 2 decimals"),
    "no number": (row("ten"), "amount 'ten' is not a number with the decimal mark '.'"),
    "exponent": (row("1e3"), "amount '1e3' is not a number with the decimal mark '.'"),
    "thousands": (row('"1,000.00"'), "amount '1,000.00' is not a number"),
    "empty amount": (row(""), "amount is empty"),
    "too many digits": (row("12345678901234567.89"), "amount '.*' has more digits than"),
    "unknown kind": (
        row(kind="refund"),
        "kind 'refund' is unknown: the profile knows entry, counter",
    ),
    "no instant": (row(recorded_at="yesterday"), "recorded_at 'yesterday' is not an instant"),
    "no day": (row().replace("2026-09-08,", "2026-02-30,"), "effective_date '2026-02-30' is not a"),
    "the end of time": (row(recorded_at="infinity"), "recorded_at 'infinity' is not an instant"),
    "the first instant": (row(recorded_at="epoch"), "recorded_at 'epoch' is not an instant"),
    "no offset": (
        row(recorded_at="2026-09-08T10:00:00+99:00"),
        r"recorded_at '2026-09-08T10:00:00\+99:00' is not an instant",
    ),
    "no minutes of an offset": (
        row(recorded_at="2026-09-08 10:00:00-0275"),
        ".* is not an instant",
    ),
    "a blank before the offset": (
        row(recorded_at="2026-09-08 10:00:00 +0200"),
        r'.*csv\.timestamp_format = "%Y-%m-%d %H:%M:%S %z" would read it',
    ),
    "no last day": (row().replace("2026-09-08,", "infinity,"), "effective_date 'infinity' is not"),
    "no first day": (row().replace("2026-09-08,", "epoch,"), "effective_date 'epoch' is not a"),
    "a year of two digits": (
        row().replace("2026-09-08,", "26-09-08,"),
        r".* '26-09-08' is not a date of the form %Y-%m-%d; csv\.date_format = \"%y-%m-%d\" would",
    ),
    "a year of three digits": (row().replace("2026-09-08,", "202-09-08,"), "effective_date '202-"),
    "the zero of a date": (
        row().replace("2026-09-08,", "0001-01-01,"),
        "effective_date '0001-01-01' is not .*; a year before 1000 is none",
    ),
    "an instant of the year 26": (
        row(recorded_at="26-09-08 10:00:00"),
        r'recorded_at .*; csv\.timestamp_format = "%y-%m-%d %H:%M:%S" would read it',
    ),
    "the zero of an instant": (
        row(recorded_at="0001-01-01T00:00:00Z"),
        "recorded_at '0001-.* is not an instant of the form ISO 8601; a year before 1000 is none",
    ),
    "a year of five digits": (row(recorded_at="20260-09-08T10:00:00Z"), "recorded_at '20260-"),
    "no account": (row().replace("1001", ""), "account_id is empty"),
    "no id": (row()[2:], "entry_id is empty"),
    "repeated id": (row().replace("99,", "3,", 1), "entry_id '3' stands already in line"),
    "a field too few": (row().rsplit(",", 1)[0], "the row has 7 fields, the header 8"),
    "a field too many": (row() + ",x", "the row has 9 fields, the header 8"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_row_is_rejected_with_line_and_reason(name: str, export: Path) -> None:
    line, reason = REJECTED[name]
    entries = export / "entries.csv"
    # The fixture's columns may be in any order: write the row by name.
    header, *rest = entries.read_text("utf-8").splitlines()
    assert header.split(",") == HEADER.split(",")
    entries.write_text("\n".join([header, *rest[:5], line, *rest[5:]]) + "\n", "utf-8")
    result = audit.run(export, "canonical")
    (bad,) = result.rejected
    assert (bad.file, bad.line) == ("entries.csv", 7)
    assert re.match(reason, bad.reason)
    total = result.inputs[0]
    assert total.rows_read == total.rows_accepted + total.rows_rejected == len(rest) + 1
    assert result.verdict == "incomplete"


@pytest.mark.parametrize(
    ("form", "day", "would"),
    [
        ("%d.%m.%Y", "08.09.26", '"%d.%m.%y" would read it'),
        ("%d/%m/%Y", "8/9/26", '"%d/%m/%y" would read it'),
        ("%m/%d/%Y", "9/8/26", '"%m/%d/%y" would read it'),
        ("%d-%b-%Y", "8-Sep-26", '"%d-%b-%y" would read it'),
        ("%d%m%Y", "1012026", "; it lacks digits"),  # a zero before it is lost
    ],
)
@pytest.mark.parametrize("is_parquet", [False, True])
def test_a_day_that_lacks_digits_is_rejected(
    form: str, day: str, would: str, export: Path, *, is_parquet: bool
) -> None:
    (export / "entries.csv").write_text(f"{HEADER}\n99,1001,{day},1.00,entry,,,{day}\n", "utf-8")
    if is_parquet:
        with duckdb.connect() as con:
            rows = con.read_csv(str(export / "entries.csv"), all_varchar=True)
            rows.write_parquet(str(export / "entries.parquet"))
        (export / "entries.csv").unlink()
    by_day = f'entries.csv = {{ date_format = "{form}", timestamp_format = "{form}" }}'
    by_instant = f'entries.csv = {{ date_format = "instant", timestamp_format = "{form}" }}'
    for keys in (by_day, by_instant):
        (bad,) = Ledger.read(export, profiles.parse(keys, "test")).rejected
        assert bad.reason.startswith(f"effective_date '{day}' is not")
        assert would in bad.reason or keys == by_instant


def test_export_of_which_no_row_is_accepted_says_why(export: Path) -> None:
    """As of a wrong profile: here money has no decimals at all."""
    profile = export / "ours.toml"
    profile.write_text("[money]\nscale = 0\n", "utf-8")
    entries = export / "entries.csv"
    header, *rest = entries.read_text("utf-8").splitlines()
    odd = [line for line in rest if not line.split(",")[3].endswith(".00")]
    entries.write_text("\n".join([header, *odd]) + "\n", "utf-8")
    why = r"rejected rows, the first in entries.csv, line 2: amount .* has more than 0 decimals.*"
    with pytest.raises(Fault, match=rf"found 0 entries.*, and \d+ {why}; check the profile"):
        audit.run(export, str(profile))


def test_quote_that_is_never_closed_is_one_rejected_row(export: Path) -> None:
    """The rest of a long file is in it, and more than a field of Python's csv holds."""
    entries = export / "entries.csv"
    header, first, *rest = entries.read_text("utf-8").splitlines()
    more = [row().replace("99", str(1000 + k), 1) for k in range(4000)]
    broken = row().replace(",,,", ',"never closed,,', 1)
    entries.write_text("\n".join([header, first, broken, *rest, *more]) + "\n", "utf-8")
    ledger = Ledger.read(export, CANONICAL)
    (bad,) = ledger.rejected
    assert bad.line == 3
    assert bad.reason.startswith("a quote is opened in this row and never closed: the 4,0")
    assert (ledger.inputs[0].rows_accepted, ledger.inputs[0].rows_rejected) == (1, 1)


def test_line_counts_lines_not_rows(export: Path) -> None:
    entries = export / "entries.csv"
    header, first, *rest = entries.read_text("utf-8").splitlines()
    memo = '98,1001,2026-09-08,1.00,entry,"two\nlines",,2026-09-08T10:00:00Z'
    lines = [header, first, memo, "", row("1.005"), *rest]
    entries.write_text("\n".join(lines) + "\n", "utf-8")
    ledger = Ledger.read(export, CANONICAL)
    assert [(r.line, r.row) for r in ledger.rejected] == [(6, row("1.005"))]


def test_settlement_on_another_weekday_is_rejected(export: Path) -> None:
    append("settlements.csv", "1001,2026-09-08,0.00,2026-09-15T03:00:00Z")(export)
    (bad,) = Ledger.read(export, CANONICAL).rejected
    assert "week_start '2026-09-08' is not a Monday" in bad.reason
    assert "settlements.period and calendar.week_start" in bad.reason


def test_csv_and_parquet_of_the_same_rows_give_the_same_tables() -> None:
    def rows(folder: Path) -> tuple[object, ...]:
        ledger = Ledger.read(folder, CANONICAL)
        tables = ("SELECT * FROM entry ORDER BY entry_id", "SELECT * FROM settlement ORDER BY ALL")
        return tuple(ledger.con.execute(query).fetchall() for query in tables)

    assert rows(SAMPLE) == rows(PARQUET)


def test_gzip_and_parts_read_as_the_plain_file(export: Path, tmp_path: Path) -> None:
    plain = audit.run(export, "canonical").findings
    entries = export / "entries.csv"
    (export / "entries.csv.gz").write_bytes(gzip.compress(entries.read_bytes()))
    entries.unlink()
    assert audit.run(export, "canonical").findings == plain
    parts = tmp_path / "parts"
    (parts / "entries").mkdir(parents=True)
    source = duckdb.read_parquet(str(PARQUET / "entries.parquet"))
    source.limit(5).write_parquet(str(parts / "entries" / "a.parquet"))
    source.limit(100, 5).write_parquet(str(parts / "entries" / "b.parquet"))
    shutil.copy(PARQUET / "settlements.parquet", parts)
    assert audit.run(parts, "canonical").findings == plain


@pytest.mark.parametrize(
    ("zone", "text", "utc"),
    [
        ("UTC", "2026-09-08T10:00:00Z", "2026-09-08 10:00:00"),
        ("UTC", "2026-09-08T10:00:00+02:00", "2026-09-08 08:00:00"),
        ("UTC", "2026-09-08T10:00:00+14:00", "2026-09-07 20:00:00"),
        ("UTC", " 2026-09-26 10:00:00-12", "2026-09-26 22:00:00"),
        ("UTC", "2026-09-26", "2026-09-26 00:00:00"),
        ("Europe/Berlin", "2026-09-08 10:00:00", "2026-09-08 08:00:00"),
        ("Europe/Berlin", "2026-09-08T10:00:00Z", "2026-09-08 10:00:00"),
    ],
)
def test_instants_become_utc(zone: str, text: str, utc: str, export: Path) -> None:
    append("entries.csv", row(recorded_at=text))(export)
    profile = profiles.parse(f'clock.zone = "{zone}"', "test")
    entry = Ledger.read(export, profile).sql("SELECT * FROM entry WHERE entry_id = 99")
    assert str(entry["recorded_at"][0]) == utc


@pytest.mark.parametrize(
    ("settings", "text", "amount"),
    [
        ('money.unit = "minor"', "1050", "10.50"),
        ("money.scale = 0", "1050", "1050"),
        ("money.scale = 8", "0.00000001", "0.00000001"),
        ('csv.decimal = ","', '"10,50"', "10.50"),
        ("", "10.5000", "10.50"),
        ("", "-0.10", "-0.10"),
        ("", "9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_money_is_exact(settings: str, text: str, amount: str, export: Path) -> None:
    header = (export / "entries.csv").read_text("utf-8").splitlines()[0]
    (export / "entries.csv").write_text(f"{header}\n{row(text)}\n", "utf-8")
    ledger = Ledger.read(export, profiles.parse(settings, "test"))
    ((read,),) = ledger.con.execute("SELECT amount FROM entry").fetchall()
    assert f"{read:f}" == amount
    assert ledger.sql("SELECT amount FROM entry")["amount"][0] == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "entries.fiel = 'x'",
            "unknown key in profile test: expected perhaps entries.file, .*found 'entries.fiel'",
        ),
        ("[entriez]\nfile = 'x'", "unknown key in profile test.*'entriez'"),
        ("money.scale = '2'", "wrong type in profile test, money.scale: expected int, found"),
        ("money.scale = true", "wrong type in profile test, money.scale"),
        ("money.scale = 9", "bad value in profile test, money.scale: expected 0 to 8, found 9"),
        ("clock.zone = 'Mars'", "bad value in profile test, clock.zone"),
        ("calendar.week_start = 'mon'", "bad value in profile test, calendar.week_start"),
        ("entries.columns.amuont = 'x'", "bad value in profile test, entries.columns"),
        ("entries.kinds.counter = ['entry']", "bad value in profile test, entries.kinds"),
        ("entries.kinds.counter = 'c'", "wrong type in profile test, .*a list of strings"),
        ("balancing.policy = 'auto '", "bad value in profile test, balancing.policy"),
        ("= 1", "profile is not TOML in test"),
    ],
)
def test_profile_fault(text: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        profiles.parse(text, "test")


def test_unknown_profile_names_those_that_there_are() -> None:
    with pytest.raises(
        Fault, match=r"no such profile: expected .*canonical, .*rails, .*found 'rials'"
    ):
        profiles.load("rials")


def test_built_in_profile_is_found_from_the_files(export: Path) -> None:
    assert audit.run(export).ledger.profile.name == "canonical"
    for name in ("entries.csv", "settlements.csv"):
        (export / name).rename(export / f"other_{name}")
    with pytest.raises(Fault, match="cannot tell which profile fits"):
        audit.run(export)


@pytest.mark.parametrize(
    ("column", "entry", "counter"),
    [
        ("kind = 'counter'", "false", "true"),
        ("CASE WHEN kind = 'counter' THEN 20 ELSE 10 END", "10", "20"),
        ("CAST(CASE WHEN kind = 'counter' THEN -1 ELSE 1 END AS TINYINT)", "1", "-1"),
    ],
)
def test_kind_of_another_type_is_read_by_its_text(
    column: str, entry: str, counter: str, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(PARQUET, folder)
    source = str(folder / "entries.parquet")
    typed = duckdb.read_parquet(str(PARQUET / "entries.parquet"))
    typed.project(f"* REPLACE ({column} AS kind)").write_parquet(source)
    path = tmp_path / "profile.toml"
    path.write_text(f'[entries.kinds]\nentry = ["{entry}"]\ncounter = ["{counter}"]\n', "utf-8")
    found = audit.run(folder, str(path))
    assert found.rejected == ()
    assert found.findings == audit.run(PARQUET, "canonical").findings
