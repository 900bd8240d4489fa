"""What no key reads is refused by a line that says what to do about it."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from story import Row, at, day, held_to_the_story, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger


def exported(folder: Path, change: Callable[[Row], Row]) -> Path:
    rows = [change(dict(r)) for r in story("entries")]
    write(folder / "export" / "entries.csv", [list(rows[0]), *(list(r.values()) for r in rows)])
    plain_settlements(folder / "export")
    return folder / "export"


CHANGES: dict[str, tuple[str, Callable[[Row], str], str]] = {
    "exponent": ("amount", lambda r: f"{float(r['amount']):e}", "amounts in full"),
    "few": (
        *("amount", lambda r: "5.8e+02" if int(r["entry_id"]) % 2 else r["amount"]),
        "amounts in full",
    ),
    "german": ("effective_date", lambda r: day(r["effective_date"], "%d. März %Y"), "by numbers"),
    "french": ("effective_date", lambda r: day(r["effective_date"], "%d mars %Y"), "by numbers"),
    "spanish": ("effective_date", lambda r: day(r["effective_date"], "%d/abr/%Y"), "by numbers"),
    "portuguese": (
        *("effective_date", lambda r: day(r["effective_date"], "%d de abril de %Y")),
        "by numbers",
    ),
    "java": ("recorded_at", lambda r: f"{at(r['recorded_at']):%FT%T}+00:00[Europe/Paris]", "name"),
    "hours": ("recorded_at", lambda r: f"{at(r['recorded_at']):%d/%m/%Y %I:%M:%S} p. m.", "AM"),
    "julian": ("recorded_at", lambda r: f"2461287.{r['entry_id']:0>8}", "ISO 8601"),
    "ticks": ("recorded_at", lambda r: f"1343298{r['entry_id']:0>11}", "ISO 8601"),
    "formula": ("amount", lambda r: f'="{r["amount"]}"', "plain"),
    "quote": ("amount", lambda r: f"'{r['amount']}", "plain"),
    "dash": ("amount", lambda r: f"{r['entry_id']},-", "decimals"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_value_that_no_key_reads_is_named_with_what_to_do(name: str, tmp_path: Path) -> None:
    column, written, todo = CHANGES[name]
    export = exported(tmp_path, lambda r: r | {column: written(r)})
    with pytest.raises(Fault, match=f"no column looks like {column} .*; export .*{todo}") as fault:
        draft.guess(export)
    assert "write the profile by hand" not in str(fault.value)


def test_an_english_month_is_no_foreign_one(tmp_path: Path) -> None:
    export = exported(tmp_path, lambda r: r | {"effective_date": "30 February 2026"})
    with pytest.raises(Fault, match="write the profile by hand"):
        draft.guess(export)


def test_a_row_with_an_exponent_says_why_it_is_rejected(tmp_path: Path) -> None:
    export = exported(
        tmp_path, lambda r: r | ({"amount": "5.8e+02"} if r["entry_id"] == "101" else {})
    )
    ledger = Ledger.read(export, profiles.load("canonical"))
    (rejected,) = ledger.rejected
    assert rejected.reason.endswith("an exponent may have lost digits: export it in full")


@pytest.mark.parametrize("twice", [r"\N", "0"])
def test_a_row_in_place_of_a_header_is_called_so(twice: str, tmp_path: Path) -> None:
    export = exported(tmp_path, lambda r: r)
    text = (export / "settlements.csv").read_text()
    rows = [f"{row},{twice},{twice}" for row in text.splitlines()[1:]]
    (export / "settlements.csv").write_text("\n".join(rows))
    with pytest.raises(Fault, match=r"the first line is a row, not a header in settlements\.csv"):
        draft.guess(export)


def test_instants_of_a_short_year_without_marks_are_read(tmp_path: Path) -> None:
    exported(tmp_path, lambda r: r | {"recorded_at": f"{at(r['recorded_at']):%y%m%d%H%M%S}"})
    held_to_the_story(tmp_path / "export", tmp_path)
    assert 'timestamp_format = "%y%m%d%H%M%S"' in (tmp_path / "first.toml").read_text()


@pytest.mark.parametrize(
    ("amount", "read", "told"),
    [
        ("100,-", None, "a dash stands for no decimals"),
        ("1.100,--", None, "a dash stands for no decimals"),
        ("100,\N{EN DASH}", None, "a dash stands for no decimals"),
        ("\N{EN DASH}100", None, "csv.minus_marks"),
        ("100-", "-100.00", ""),
        ("1.100,50-", "-1100.50", ""),
    ],
)
def test_a_dash_is_a_minus_only_where_it_stands_for_one(
    amount: str, read: str | None, told: str, tmp_path: Path
) -> None:
    row = f"1;7;2026-01-06;{amount};entry;2026-01-06T09:00:00Z\n"
    (tmp_path / "entries.csv").write_text(
        "entry_id;account_id;effective_date;amount;kind;recorded_at\n" + row, "utf-8"
    )
    (tmp_path / "settlements.csv").write_text(
        "account_id;week_start;settled_amount;settled_at\n7;2026-01-05;1;2026-01-12T03:00:00Z\n"
    )
    keys = '[csv]\ndelimiter = ";"\ndecimal = ","\nthousands = "."\nnegative = "trailing"\n'
    ledger = Ledger.read(tmp_path, profiles.parse(keys, "test"))
    found = ledger.con.execute("SELECT CAST(amount AS VARCHAR) FROM entry").fetchall()
    assert [value for (value,) in found] == ([read] if read else [])
    assert all(told in bad.reason for bad in ledger.rejected)


def test_a_dash_is_no_mark_of_a_currency() -> None:
    with pytest.raises(Fault, match="currency_marks"):
        profiles.parse('[csv]\ncurrency_marks = ["\N{EN DASH}"]\n', "test")


RECORDED = Path(__file__).parents[2] / "data" / "rails" / "sidekiq_retry"
ACCOUNTS = 4


def test_rows_are_not_left_out_where_that_makes_few_weeks_agree(tmp_path: Path) -> None:
    """As in MT940: marks of credit, debit and their reversals, of which no pair is a kind."""
    rows = []
    with (RECORDED / "ledgers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            is_less, is_reversal = row["amount"].startswith("-"), row["kind"] != "entry"
            mark = ("RC" if is_less else "RD") if is_reversal else ("D" if is_less else "C")
            amount = row["amount"].lstrip("-")
            told = (row["date"], mark, amount, "NTRF", f"R{row['id']}", row["user_id"])
            if int(row["user_id"]) <= ACCOUNTS:
                rows.append((*told, row["created_at"]))
    header = ("date", "D/C", "amount", "type", "reference", "account", "booked_at")
    write(tmp_path / "entries.csv", [header, *rows])
    lines = (RECORDED / "settlements.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines[1:] if int(line.partition(",")[0]) <= ACCOUNTS]
    (tmp_path / "settlements.csv").write_text("\n".join([lines[0], *kept, ""]), "utf-8")
    with pytest.raises(Fault, match=r"settled weeks agree .* sets .* aside"):
        draft.guess(tmp_path)
