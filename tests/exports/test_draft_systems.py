"""Forms of systems that a first profile must read as they are: the story, written as they do."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from story import Row, at, day, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.checks import agreement
from settle_core.exports.draft import draft
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

Cells = list[list[str]]


def instants(form: str) -> Callable[[str], str]:
    return lambda text: f"{at(text):{form}}"


def entries(
    *columns: tuple[str, Callable[[Row], str]], marked: tuple[str, str] = ("charge", "reversal")
) -> Cells:
    """Rows with an id, an account, an amount and what marks counter-entries, and some columns."""
    names = ["id", "account", "amount", "type", *(name for name, _ in columns)]
    rows = [names]
    for r in story("entries"):
        kind = marked[r["kind"] == "counter"]
        own = [r["entry_id"], r["account_id"], r["amount"], kind]
        rows.append([*own, *(cell(r) for _, cell in columns)])
    return rows


def closed(form: str) -> Callable[[Row], Row]:
    return lambda r: r | {"settled_at": instants(form)(r["settled_at"])}


def held(export: Path) -> draft.Guess:
    """A first profile reads every row of the story as it is: the day, the kind, when it came."""
    told = draft.guess(export)
    ledger = checked.read(export, profiles.parse(told.text, "first"))
    read = ledger.con.execute(
        "SELECT effective_date, amount, kind, date_trunc('second', recorded_at) FROM entry"
    ).fetchall()
    assert sorted(read) == sorted(
        (
            date.fromisoformat(r["effective_date"]),
            Decimal(r["amount"]),
            r["kind"],
            at(r["recorded_at"]).replace(microsecond=0, tzinfo=None),
        )
        for r in story("entries")
    )
    assert len(ledger.rejected) == 0
    settled = ledger.con.execute("SELECT account_id, week_start FROM settlement").fetchall()
    assert sorted((str(account), str(week)) for account, week in settled) == sorted(
        (r["account_id"], r["week_start"]) for r in story("settlements")
    )
    return told


FORMS = {
    "numbers of a clock together": "%Y%m%d%H%M%S",
    "Oracle": "%d-%b-%y %I.%M.%S.%f %p",
    "words and a comma": "%B %d, %Y, %I:%M:%S %p",
    "no space before the half of the day": "%m/%d/%Y %I:%M:%S%p",
    "a comma before the fraction": "%Y-%m-%d %H:%M:%S,%f",
    "days of the week in words": "%A, %B %d, %Y %I:%M:%S %p",
    "DB2": "%Y-%m-%d-%H.%M.%S.%f",
    "SQL Server": "%b %d %Y %I:%M:%S:%f%p",
    "SQL Server's datetimeoffset": "%Y-%m-%d %H:%M:%S.%f7 +00:00",
    "web servers": "%d/%b/%Y:%H:%M:%S %z",
    "JavaScript": "%a %b %d %Y %H:%M:%S GMT%z (%Z)",
    "JavaScript in a browser": "%a %b %d %Y %H:%M:%S GMT%z (Coordinated Universal Time)",
    "a fraction behind numbers together": "%Y%m%dT%H%M%S.%fZ",
    "characters of a year, a month and a day": "%Y\u5e74%m\u6708%d\u65e5 %H:%M:%S",
}


@pytest.mark.parametrize("form", FORMS)
def test_an_instant_is_read_as_systems_write_it(form: str, tmp_path: Path) -> None:
    written = FORMS[form]
    rows = entries(
        ("value_date", lambda r: r["effective_date"]),
        ("created_at", lambda r: instants(written)(r["recorded_at"])),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export", closed(written))
    held(tmp_path / "export")


def test_days_at_midnight_are_no_clock_of_writing_whatever_they_are_called(tmp_path: Path) -> None:
    """Taken for it, every week agrees, no row is late, and all is called reconciled."""
    rows = entries(
        ("booked_at", lambda r: day(r["effective_date"], "%m/%d/%Y 12:00:00 AM")),
        ("posted_at", lambda r: instants("%m/%d/%Y %I:%M:%S %p")(r["recorded_at"])),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    held(tmp_path / "export")


def test_of_two_moments_the_reading_by_which_rows_came_late_is_kept(tmp_path: Path) -> None:
    def trip(r: Row) -> str:
        seconds = int(r["entry_id"]) * 40_503 % 86_400
        return f"{datetime.fromisoformat(r['effective_date']) + timedelta(seconds=seconds)}"

    rows = entries(
        ("created_at", trip),
        ("processed_at", lambda r: instants("%Y-%m-%d %H:%M:%S")(r["recorded_at"])),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    held(tmp_path / "export")


def test_days_that_count_since_1970_are_days(tmp_path: Path) -> None:
    def ms(text: str) -> str:
        return str(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000))

    rows = entries(
        ("day_ts", lambda r: ms(r["effective_date"])),
        ("created_ts", lambda r: str(int(at(r["recorded_at"]).timestamp() * 1000))),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    held(tmp_path / "export")


def test_tables_that_end_in_tsv_or_txt_are_looked_at(tmp_path: Path) -> None:
    rows = entries(
        ("value_date", lambda r: r["effective_date"]), ("created_at", lambda r: r["recorded_at"])
    )
    write(tmp_path / "export" / "ledger.tsv", rows, "\t")
    settled = [list(r.values()) for r in story("settlements")]
    write(tmp_path / "export" / "weeks.txt", [list(story("settlements")[0]), *settled], "\t")
    assert 'file = "ledger.tsv"' in held(tmp_path / "export").text


def test_titles_and_totals_of_a_spreadsheet_cost_no_counter_entry(tmp_path: Path) -> None:
    """A total set aside by leaving out all counter-entries made every week look uncountered."""
    rows = entries(
        ("value_date", lambda r: r["effective_date"]), ("created_at", lambda r: r["recorded_at"])
    )
    titles, total = "Acme Ltd,,,,,\nLedger,,,,,\n,,,,,\n", ",,,,,\nTotal,,1.00,,,\n"
    write(tmp_path / "export" / "entries.csv", rows, head=titles, foot=total)
    plain_settlements(tmp_path / "export")
    held(tmp_path / "export")


def test_zero_may_say_that_no_entry_is_reversed(tmp_path: Path) -> None:
    number = {r["kind"]: "0" for r in story("entries")} | {"counter": "17"}
    rows = entries(
        ("value_date", lambda r: r["effective_date"]),
        ("created_at", lambda r: r["recorded_at"]),
        ("Reversed Entry No.", lambda r: number[r["kind"]]),
        marked=("invoice", "invoice"),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    assert 'counter_if_filled = "Reversed Entry No."' in held(tmp_path / "export").text


@pytest.mark.parametrize(
    ("form", "resolution"), [("%d.%m.%Y %H:%M", "minute"), ("%d.%m.%Y", "day")]
)
def test_how_fine_a_clock_is_is_told(form: str, resolution: str, tmp_path: Path) -> None:
    rows = entries(
        ("value_date", lambda r: day(r["effective_date"], "%d.%m.%Y")),
        ("booking_date", lambda r: instants(form)(r["recorded_at"])),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export", closed(form))
    told = draft.guess(tmp_path / "export")
    assert f'resolution = "{resolution}"' in told.text
    ledger = checked.read(tmp_path / "export", profiles.parse(told.text, "first"))
    count = agreement.counted(ledger)
    assert count.agreeing == count.weeks > 0


def test_a_day_by_which_nothing_came_late_is_not_when_rows_were_written(tmp_path: Path) -> None:
    """Two days of the same: every week agrees by them, and nothing was put to the test."""
    rows = entries(
        ("value_date", lambda r: r["effective_date"]), ("due_date", lambda r: r["effective_date"])
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    with pytest.raises(Fault, match=r"nothing tells when rows were written|makes a settled week"):
        draft.guess(tmp_path / "export")


def serial(text: str) -> Decimal:
    """Days since 30 December 1899, with ten decimals, as a spreadsheet shows them."""
    span = at(text) - datetime(1899, 12, 30, tzinfo=UTC)
    return (Decimal(span // timedelta(milliseconds=1)) / 86_400_000).quantize(Decimal("1e-10"))


def test_days_and_instants_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    rows = entries(
        ("Date", lambda r: f"{serial(r['effective_date'] + 'T00:00:00Z'):.0f}"),
        ("Created", lambda r: str(serial(r["recorded_at"]))),
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(
        tmp_path / "export",
        lambda r: (
            r
            | {
                "week_start": f"{serial(r['week_start'] + 'T00:00:00Z'):.0f}",
                "settled_at": str(serial(r["settled_at"])),
            }
        ),
    )
    told = draft.guess(tmp_path / "export")
    ledger = checked.read(tmp_path / "export", profiles.parse(told.text, "first"))
    read = ledger.con.execute("SELECT effective_date, recorded_at FROM entry ORDER BY entry_id")
    written = sorted(story("entries"), key=lambda r: int(r["entry_id"]))
    for (day_read, instant), row in zip(read.fetchall(), written, strict=True):
        assert str(day_read) == row["effective_date"]
        off = instant.replace(tzinfo=UTC) - at(row["recorded_at"])
        assert abs(off) < timedelta(milliseconds=2)


def test_a_spreadsheet_s_clock_is_of_the_profile_s_zone(tmp_path: Path) -> None:
    names = ["entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at"]
    write(tmp_path / "entries.csv", [names, ["1", "7", "46270", "1.00", "entry", "46270.5"]])
    plain_settlements(tmp_path)
    text = '[entries.csv]\ndate_format = "excel"\ntimestamp_format = "excel"\n'
    for zone, hour in (("UTC", 12), ("Europe/Berlin", 10)):
        ledger = Ledger.read(tmp_path, profiles.parse(f'{text}[clock]\nzone = "{zone}"\n', "p"))
        (row,) = ledger.con.execute("SELECT effective_date, recorded_at FROM entry").fetchall()
        assert row == (date(2026, 9, 5), datetime(2026, 9, 5, hour))  # noqa: DTZ001  UTC


WEEKS = {
    "KW 2/2026": "KW {week}/{year}",
    "KW02/26": "KW{week:02}/{short}",
    "W02 2026": "W{week:02} {year}",
    "Week 2, 2026": "Week {week}, {year}",
    "2026-W02": "{year}-W{week:02}",
    "02.2026": "{week:02}.{year}",
    "202602": "{year}{week:02}",
}


@pytest.mark.parametrize("form", WEEKS)
def test_weeks_by_their_number_are_read(form: str, tmp_path: Path) -> None:
    def numbered(r: Row) -> Row:
        year, week, _ = date.fromisoformat(r.pop("week_start")).isocalendar()
        told = WEEKS[form].format(year=year, week=week, short=year % 100)
        return {"Woche": told, **r}

    rows = entries(
        ("value_date", lambda r: r["effective_date"]), ("created_at", lambda r: r["recorded_at"])
    )
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export", numbered)
    held(tmp_path / "export")


@pytest.mark.parametrize("flags", [("", "1"), ("0", "1"), ("nein", "ja")])
def test_debits_and_credits_are_told_apart_from_what_marks_counter_entries(
    flags: tuple[str, str], tmp_path: Path
) -> None:
    """As DATEV has them: amounts without a sign, S or H, and a mark of reversals."""
    rows = [["Beleg", "Konto", "Umsatz", "S/H", "Belegdatum", "Generalumkehr", "Erfasst"]]
    for r in story("entries"):
        amount = Decimal(r["amount"])
        side = "S" if amount < 0 else "H"
        flag = flags[r["kind"] == "counter"]
        cells = [r["entry_id"], r["account_id"], str(abs(amount)), side]
        rows.append([*cells, r["effective_date"], flag, r["recorded_at"]])
    write(tmp_path / "export" / "entries.csv", rows, ";")
    plain_settlements(tmp_path / "export", closed("%Y-%m-%dT%H:%M:%SZ"))
    told = held(tmp_path / "export").text
    assert 'direction = "S/H", plus = ["H"], minus = ["S"]' in told


def test_late_rows_that_cancel_out_without_a_mark_are_not_all_called_entries(
    tmp_path: Path,
) -> None:
    """Weeks would be even, and nothing would be said of what their counter-entries are."""
    rows = [["id", "account", "date", "amount", "type", "created_at"]]
    closings = [["account", "week_start", "settled_amount", "settled_at"]]
    for week in range(8):
        monday = datetime(2026, 1, 5) + timedelta(weeks=week)  # noqa: DTZ001  as it is written
        early, late = monday + timedelta(days=1), monday + timedelta(days=9)
        for amount, when in (("10.25", early), ("-2.50", late), ("2.50", late)):
            cells = [f"{monday:%Y-%m-%d}", amount, "line", f"{when}"]
            rows.append([f"t{len(rows)}", f"a{week % 2}", *cells])
        closed = f"{monday + timedelta(days=7, hours=3)}"
        closings.append([f"a{week % 2}", f"{monday:%Y-%m-%d}", "10.25", closed])
    write(tmp_path / "entries.csv", rows)
    write(tmp_path / "settlements.csv", closings)
    with pytest.raises(Fault, match=r"nothing marks counter-entries .* sum to nothing in 8 weeks"):
        draft.guess(tmp_path)


def test_of_a_column_that_is_not_read_it_is_said_how_it_is_written(tmp_path: Path) -> None:
    rows = entries(
        ("value_date", lambda r: r["effective_date"]), ("created_at", lambda r: r["recorded_at"])
    )
    words = [[*r[:2], f"{r[2].lstrip('-')} {'out' if '-' in r[2] else 'in'}", *r[3:]] for r in rows]
    write(tmp_path / "export" / "entries.csv", [rows[0], *words[1:]])
    plain_settlements(tmp_path / "export")
    with pytest.raises(Fault, match=r"no column looks like amount .*; in amount, '[\d.]+ \w+'"):
        draft.guess(tmp_path / "export")
