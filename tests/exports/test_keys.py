"""Each key by which real exports are read: what it reads, and what it refuses, by its name."""

from pathlib import Path

import pytest

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

ENTRIES = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
ROW = "1,7,2026-09-08,10.00,entry,2026-09-08T09:00:00Z\n"
COUNTER = "2,7,2026-09-08,-10.00,counter,2026-09-15T09:00:00Z\n"
SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n7,2026-09-07,10.00,2026-09-14T03:00:00Z\n"
)
CLOSED = "settlements.every = 'week'\nsettlements.amounts = 'as_recorded'\n"


def read(
    folder: Path, profile: str, entries: str = ENTRIES + ROW + COUNTER, settlements: str = SETTLED
) -> Ledger:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "entries.csv").write_text(entries, "utf-8")
    (folder / "settlements.csv").write_text(settlements, "utf-8")
    return Ledger.read(folder, profiles.parse(profile, "test"))


def one(column: str, value: str) -> str:
    """Entries of one row, with another value in a column."""
    names = ENTRIES.strip().split(",")
    values = ROW.strip().split(",")
    values[names.index(column)] = value
    return f"{ENTRIES}{','.join(values)}\n"


INSTANTS = {
    "epoch_s": ("csv.timestamp_format = 'epoch_s'", "1788785992.5", "2026-09-07 12:59:52.5"),
    "epoch_ms": ("csv.timestamp_format = 'epoch_ms'", "1788785992500", "2026-09-07 12:59:52.5"),
    "ms_json": ("csv.timestamp_format = 'ms_json'", "/Date(1788785992500+0200)/",
                "2026-09-07 12:59:52.5"),
    "a pattern": ("csv.timestamp_format = '%d.%m.%Y %H:%M'", "07.09.2026 11:39",
                  "2026-09-07 11:39:00"),
    "an offset": ("csv.timestamp_format = '%Y-%m-%d %H:%M:%S %z'", "2026-09-07 13:39:52 +0200",
                  "2026-09-07 11:39:52"),
    "an offset and a name": ("csv.timestamp_format = '%Y-%m-%d %H:%M:%S %z %Z'",
                             "2026-09-07 14:39:52 +0300 EEST", "2026-09-07 11:39:52"),
    "the zone": ("csv.timestamp_format = '%Y-%m-%d %H:%M:%S'\nclock.zone = 'Europe/Berlin'",
                 "2026-09-07 13:39:52", "2026-09-07 11:39:52"),
}  # fmt: skip


@pytest.mark.parametrize("name", INSTANTS)
def test_an_instant_is_read_as_it_is_written(name: str, tmp_path: Path) -> None:
    settings, text, expected = INSTANTS[name]
    keys = "\n".join(f"entries.{k}" if k.startswith("csv.") else k for k in settings.split("\n"))
    ledger = read(tmp_path, keys, one("recorded_at", text))
    (found,) = ledger.con.execute("SELECT recorded_at FROM entry").fetchall()
    assert str(found[0]).rstrip("0").rstrip(":") == expected.rstrip("0").rstrip(":")


DAYS = {
    "in the zone": ("clock.zone = 'Europe/Berlin'", "2026-09-06T22:30:00Z", "2026-09-07"),
    "the hour at which it begins": ("calendar.day_starts = '04:00'", "2026-09-08T03:59:00Z",
                                    "2026-09-07"),
    "from that hour on": ("calendar.day_starts = '04:00'", "2026-09-08T04:00:00Z", "2026-09-08"),
    "of an epoch": ("entries.csv.timestamp_format = 'epoch_s'", "1788785992", "2026-09-07"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAYS)
def test_a_day_is_told_by_an_instant(name: str, tmp_path: Path) -> None:
    settings, text, expected = DAYS[name]
    entries = one("effective_date", text)
    if "epoch" in settings:
        entries = entries.replace("2026-09-08T09:00:00Z", "1788900000")
    ledger = read(tmp_path, f"entries.csv.date_format = 'instant'\n{settings}", entries)
    assert str(ledger.con.execute("SELECT effective_date FROM entry").fetchall()[0][0]) == expected


PERIODS = {
    "last_day": ("'last_day'", "2026-09-13", "2026-09-07"),
    "end": ("'end'", "2026-09-14", "2026-09-07"),
    "iso_week": ("'iso_week'", "2026-W37", "2026-09-07"),
    "iso week and year": ("'iso_week'", "2026 37", "2026-09-07"),
    "iso week before the year": ("'iso_week'", "KW 37/2026", "2026-09-07"),
    "iso week and a short year": ("'iso_week'", "KW37/26", "2026-09-07"),
    "two short numbers": ("'iso_week'", "37/26", "is no ISO week"),
    "a week that the year has not": ("'iso_week'", "W53 2025", "is no ISO week"),
    "not the last day": ("'last_day'", "2026-09-14", "period '2026-09-14' is not the last day"),
    "no such week": ("'iso_week'", "2026-W54", "is no ISO week"),
}


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_tells_the_week(name: str, tmp_path: Path) -> None:
    means, text, expected = PERIODS[name]
    settlements = f"account_id,period,settled_amount,settled_at\n7,{text},10.00,2026-09-14T03:00Z\n"
    keys = f"settlements.period = {{ column = 'period', means = {means} }}"
    ledger = read(tmp_path, keys, settlements=settlements)
    weeks = ledger.con.execute("SELECT CAST(week_start AS VARCHAR) FROM settlement").fetchall()
    said = [week for (week,) in weeks] + [bad.reason for bad in ledger.rejected]
    assert len(said) == 1
    assert expected in said[0]


def test_a_period_of_another_length_is_rejected_by_its_length(tmp_path: Path) -> None:
    settlements = (
        "account_id,from,to,settled_amount,settled_at\n"
        "7,2026-08-31,2026-09-13,10.00,2026-09-14T03:00Z\n"
        "7,2026-09-07,2026-09-13,10.00,2026-09-14T03:00Z\n"
    )
    keys = "settlements.period = { column = 'to', means = 'last_day', first_day = 'from' }"
    (bad,) = read(tmp_path, keys, settlements=settlements).rejected
    assert bad.line == 2
    assert "a settled period of 14 days, from 2026-08-31 to '2026-09-13'" in bad.reason


def test_a_closing_by_a_rule_is_of_every_account_at_its_hour(tmp_path: Path) -> None:
    keys = f"{CLOSED}settlements.at = 'monday 03:00'\nclock.zone = 'Europe/Berlin'\n"
    ledger = read(tmp_path, f"{keys}settlements.until = 2026-09-14")
    rows = ledger.con.execute("SELECT * FROM settlement").fetchall()
    assert [tuple(map(str, row)) for row in rows] == [
        ("7", "2026-09-07", "10.00", "2026-09-14 01:00:00", "EUR")
    ]


def test_a_closing_that_comes_too_late_to_be_tested_is_said(tmp_path: Path) -> None:
    read(tmp_path, "")
    for at, is_late in (("monday 03:00", True), ("sunday 20:00", False)):
        keys = (
            f"{CLOSED}settlements.at = '{at}'\nclock.zone = 'UTC'\nsettlements.until = 2026-09-14"
        )
        (tmp_path / "profile.toml").write_text(keys, "utf-8")
        doubts = audit.run(tmp_path, str(tmp_path / "profile.toml")).agreement.doubts()
        assert any("no row was recorded after its week" in line for line in doubts) != is_late


def test_rows_that_name_a_settlement_need_no_day(tmp_path: Path) -> None:
    entries = (
        "entry_id,account_id,amount,kind,recorded_at,batch\n"
        "1,7,10.00,entry,2026-09-08T09:00:00Z,A\n2,7,5.00,entry,2026-09-16T09:00:00Z,A\n"
        "3,7,5.00,entry,2026-09-16T09:00:00Z,\n"
    )
    settlements = SETTLED.replace("account_id,", "batch,account_id,").replace("\n7", "\nA,7")
    keys = (
        "entries.effective = 'of_settlement'\nentries.columns.settlement_id = 'batch'\n"
        "settlements.columns.settlement_id = 'batch'"
    )
    ledger = read(tmp_path, keys, entries, settlements)
    days = ledger.con.execute("SELECT CAST(effective_date AS VARCHAR) FROM entry").fetchall()
    assert [day for (day,) in days] == ["2026-09-07", "2026-09-07", "2026-09-16"]
    named = [text.replace("batch", "settlement_id") for text in (entries, settlements)]
    ledger = read(tmp_path, "entries.effective = 'of_settlement'", *named)
    assert (
        ledger.con.execute("SELECT CAST(effective_date AS VARCHAR) FROM entry").fetchall() == days
    )
    two = settlements + "A,7,2026-09-14,1.00,2026-09-21T03:00:00Z\n"
    with pytest.raises(Fault, match="settlement_id 'A' of account '7' is of two weeks"):
        read(tmp_path, keys, entries, two)
    with pytest.raises(Fault, match="settlement_id 'A' is of two accounts"):
        read(tmp_path, keys, entries.replace("2,7", "2,8"), settlements)


def test_parts_are_one_table_only_where_the_profile_says_so(tmp_path: Path) -> None:
    read(tmp_path, "")
    (tmp_path / "entries-2.csv").write_text(ENTRIES + ROW.replace("1,7", "3,7"), "utf-8")
    keys = "entries.file = 'entries*.csv'\n"
    with pytest.raises(Fault, match=r"more than one file matches .*parts = \"append\""):
        read(tmp_path, keys)
    whole = read(tmp_path, f"{keys}entries.parts = 'append'")
    assert whole.inputs[0].rows_accepted == 3
    other = f"{ENTRIES.strip()},more\n{ROW.strip()},x\n"
    (tmp_path / "entries-2.csv").write_text(other, "utf-8")
    with pytest.raises(Fault, match="the files of one table have other columns"):
        read(tmp_path, f"{keys}entries.parts = 'append'")


REFUSED = {
    "a filter on no column": ("entries.skip = { Type = ['x'] }", "column 'Type' is missing"),
    "a filter that finds nothing": ("entries.skip = { kind = ['refund'] }",
                                    r"entries\.skip\.kind 'refund' is of no use .*no row has any"),
    "a filter that keeps nothing": ("entries.only = { kind = ['refund'] }",
                                    r"entries\.only is of no use .*every row set aside"),
    "a mark in no row": ("entries.kinds.counter_if_text = { column = 'kind', starts_with = ['x'] }",
                         "column 'kind' marks no counter-entries .*no row of 2"),
    "a mark in every row": ("entries.kinds.counter_if_filled = 'amount'",
                            "column 'amount' marks no counter-entries .*every row of 2"),
    "a mark and a list": ("entries.kinds.counter_if_filled = 'kind'\nentries.kinds.counter = ['c']",
                          r"entries\.kinds"),
    "an amount twice": (("entries.amount = { column = 'amount', negate = true }\n"
                        "entries.columns.amount = 'amount'"), r"entries\.amount"),
    "a sign of both": (("entries.amount = { column = 'amount', direction = 'kind', plus = ['a'],"
                       " minus = ['a'] }"), r"entries\.amount"),
    "a rule and a file": ((f"{CLOSED}settlements.at = 'monday 03:00'\nclock.zone = 'UTC'\n"
                          "settlements.file = 'x.csv'"), r"settlements\.every: .*a file too"),
    "a rule without a zone": (f"{CLOSED}settlements.at = 'monday 03:00'", r"clock\.zone beside it"),
    "a rule without an hour": (f"{CLOSED}clock.zone = 'UTC'", "at beside it"),
    "an hour that is none": (f"{CLOSED}clock.zone = 'UTC'\nsettlements.at = 'moonday 03:00'",
                             "a weekday and an hour"),
    "a border within a week": ((f"{CLOSED}clock.zone = 'UTC'\nsettlements.at = 'monday 03:00'\n"
                               "settlements.until = 2026-09-15"), "2026-09-15, a Tuesday"),
    "a rule with amounts": (("settlements.every = 'week'\nsettlements.at = 'monday 03:00'\n"
                            "clock.zone = 'UTC'"), "as_recorded"),
    "recorded and told": (("settlements.amounts = 'as_recorded'\n"
                          "settlements.columns.settled_amount = 'settled_amount'"),
                          r"settlements\.amounts"),
    "ids in one table": (("entries.effective = 'of_settlement'\n"
                         "entries.columns.settlement_id = 'kind'"),
                         r"settlements\.columns\.settlement_id"),
    "hours without instants": ("calendar.day_starts = '04:00'", r"csv\.date_format = \"instant\""),
    "no zone": ("clock.zone = 'Europe/Berln'", "perhaps Europe/Berlin"),
    "no pattern": ("csv.date_format = 'yyyy-mm-dd'", r"csv\.date_format"),
    "half a day": ("csv.date_format = '%d%m'", "a pattern of a whole day"),
    "no encoding": ("csv.encoding = 'utf-9'", r"csv\.encoding"),
    "one mark for two": ("csv.thousands = '.'", r"csv\.(thousands|decimal)"),
    "no choice": ("clock.resolution = 'hour'", "day, exact, minute or second"),
    "no means": ("settlements.period = { column = 'week_start', means = 'month' }", "iso_week"),
    "means of a name with a column": ("settlements.period = { column = 'a', means = 'file_name' }",
                                      "no column with means"),
    "ISO weeks from Sunday": (("calendar.week_start = 'sunday'\n"
                              "settlements.period = { column = 'a', means = 'iso_week' }"),
                              "monday with ISO weeks"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_key(name: str, tmp_path: Path) -> None:
    keys, message = REFUSED[name]
    with pytest.raises(Fault, match=message) as caught:
        read(tmp_path, keys)
    assert "\n" not in str(caught.value)


SIDES = "entries.amount = { debit = 'amount', credit = 'credit', positive = 'credit' }"
DIRECTED = (
    "entries.amount = { column = 'amount', direction = 'credit', plus = ['C'], minus = ['D'] }"
)
SIGNS = {
    "debit": (SIDES, "10.00", "", "-10.00"),
    "credit": (SIDES, "", "10.00", "10.00"),
    "storno": (SIDES, "-10.00", "", "10.00"),
    "zero beside it": (SIDES, "0.00", "10.00", "10.00"),
    "both": (SIDES, "1.00", "10.00", "both amount '1.00' and credit '10.00' are filled"),
    "neither": (SIDES, "", "", "neither amount nor credit is filled"),
    "minus": (DIRECTED, "10.00", "D", "-10.00"),
    "no direction": (DIRECTED, "10.00", "X", "credit 'X' tells no sign: the profile knows C, D"),
    "no number": ("csv.thousands = ','", '"1,15.00"', "", "amount '1,15.00' is not a number"),
    "groups": ("csv.thousands = ','", '"1,150.00"', "", "1150.00"),
    "trailing": ("csv.negative = 'trailing'", "10.00-", "", "-10.00"),
    "parentheses": ("csv.negative = 'parentheses'", "(10.00)", "", "-10.00"),
    "marks": ("csv.currency_marks = ['EUR', '$']", "-$ 10.00 EUR", "", "-10.00"),
}


@pytest.mark.parametrize("name", SIGNS)
def test_an_amount_has_its_sign_or_is_rejected(name: str, tmp_path: Path) -> None:
    keys, amount, credit, expected = SIGNS[name]
    entries = f"{ENTRIES.strip()},credit\n" + ROW.replace("10.00", amount).strip() + f",{credit}\n"
    ledger = read(tmp_path, keys, entries)
    amounts = [f"{a:f}" for (a,) in ledger.con.execute("SELECT amount FROM entry").fetchall()]
    said = amounts + [bad.reason for bad in ledger.rejected]
    assert len(said) == 1
    assert said[0].startswith(expected)
