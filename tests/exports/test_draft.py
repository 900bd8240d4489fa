"""A first profile for an export that nobody described reads it as its own profile does."""

import csv
import re
from pathlib import Path

import pytest
from degrade import (
    as_recorded,
    cents,
    chain,
    currency_by_account,
    german,
    gzipped,
    no_jobs,
    offset,
    parquet,
    parquet_parts,
    random_ids,
    scale,
    tabs,
    weeks_from,
    whole_seconds,
)
from recorded import Export, Look, read, write

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.draft import draft
from settle_core.exports.profiles import profile as profiles

RACE = read("sidekiq_race")
WAYS = {
    "as recorded": as_recorded,
    "random ids": random_ids,
    "no jobs": no_jobs,
    "seconds": whole_seconds,
    "offset": offset,
    "from Wednesday": weeks_from(2),
    "cents": cents,
    "8 decimals": scale(8),
    "currencies": currency_by_account,
    "German": german,
    "tabs": tabs,
    "gzip": gzipped,
    "Parquet": parquet,
    "Parquet parts": parquet_parts,
    "German, cents": chain(german, cents),
}
# What an export does not tell, and its owner has to.
UNTOLD = ("zone", "currency")


def first_profile(export: Export, folder: Path) -> tuple[draft.Guess, profiles.Profile]:
    write(export, folder)
    told = draft.guess(folder / "export")
    (folder / "guess.toml").write_text(told.text, "utf-8")
    return told, profiles.load(str(folder / "guess.toml"))


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_export_as_its_own_profile_does(way: str, tmp_path: Path) -> None:
    export = WAYS[way](RACE)
    told, _ = first_profile(export, tmp_path)
    if export.look.zone != "UTC" and "zone" in " ".join(told.doubts):
        text = told.text.replace('zone = "UTC"', f'zone = "{export.look.zone}"')
        (tmp_path / "guess.toml").write_text(text, "utf-8")
    guessed = audit.run(tmp_path / "export", str(tmp_path / "guess.toml"))
    own = audit.run(tmp_path / "export", str(tmp_path / "profile.toml"))
    assert guessed.rejected == ()
    assert guessed.findings == own.findings
    assert [i.totals for i in guessed.inputs] == [i.totals for i in own.inputs]


def test_says_what_it_guessed(tmp_path: Path) -> None:
    told, _ = first_profile(no_zone_in_names(), tmp_path)
    assert any(doubt.startswith("clock.zone") for doubt in told.doubts)
    assert any(doubt.startswith("money.currency") for doubt in told.doubts)
    assert told.text.count("GUESSED: ") == len(told.doubts)


def test_says_what_it_did_not_read(tmp_path: Path) -> None:
    columns = (("job_id", "Auftrag"),)
    told, profile = first_profile(RACE._replace(look=Look(columns=columns)), tmp_path)
    assert "job_id" not in profile.entries.columns
    assert f"# Not read of {RACE.look.files[0]}.csv: Auftrag. If one of them" in told.text
    assert " job_id, attempt, " in told.text.splitlines()[-1]


def test_of_columns_that_are_read_nothing_more_is_said(tmp_path: Path) -> None:
    told, _ = first_profile(no_jobs(RACE), tmp_path)
    assert "Not read" not in told.text


def no_zone_in_names() -> Export:
    return RACE._replace(look=Look(timestamp_format="%Y-%m-%d %H:%M:%S"))


def test_contents_win_over_names(tmp_path: Path) -> None:
    columns = (("effective_date", "amount"), ("amount", "date"), ("account_id", "x1"))
    _, profile = first_profile(RACE._replace(look=Look(columns=columns)), tmp_path)
    assert profile.entries.columns["effective_date"] == "amount"
    assert profile.entries.columns["amount"] == "date"


def test_more_than_two_tables_are_refused(tmp_path: Path) -> None:
    write(RACE, tmp_path)
    (tmp_path / "export" / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(Fault, match="cannot tell entries from settlements") as caught:
        draft.guess(tmp_path / "export")
    entries, settlements = RACE.look.files
    assert f'entries.file = "{entries}.*"' in str(caught.value)
    assert f'settlements.file = "{settlements}.*"' in str(caught.value)


@pytest.mark.parametrize("codes", [("ZA", "ZB"), ("ZB", "ZA")])
def test_counter_entries_that_no_word_tells_are_those_that_come_late(
    codes: tuple[str, str], tmp_path: Path
) -> None:
    plain, counter = codes
    left_out = (*RACE.look.left_out, "memo")
    write(RACE._replace(look=Look(kinds=codes, left_out=left_out)), tmp_path)
    path = tmp_path / "export" / f"{RACE.look.files[0]}.csv"
    lines = path.read_text("utf-8").splitlines()
    # A third kind, rarer than counter-entries, of rows that came in time.
    rare = [k for k, line in enumerate(lines) if f",{plain}," in line][:2]
    for k in rare:
        lines[k] = lines[k].replace(f",{plain},", ",ZC,")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    told = draft.guess(tmp_path / "export").text
    assert re.search(rf'counter = \["{counter}"\]  # .* came after their weeks were settled', told)


@pytest.mark.parametrize("name", ["reversal", "counter_ref", "Bezug"])
def test_a_filled_column_marks_counter_entries_whatever_letters_stand_beside_it(
    name: str, tmp_path: Path
) -> None:
    """The letter says debit or credit, or who wrote the row, and a row that is late has a job."""
    write(RACE, tmp_path)
    own = audit.run(tmp_path / "export", str(tmp_path / "profile.toml"))
    path = tmp_path / "export" / f"{RACE.look.files[0]}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [n for n in rows[0] if n not in {"kind", "memo"}]
    with path.open("w", encoding="utf-8", newline="") as file:
        made = csv.writer(file)
        made.writerow([*kept, "typ", "c", name])
        for k, row in enumerate(rows):
            letter = "K" if row["amount"].startswith("-") else "E"
            answered = rows[k - 1]["entry_id"] if row["kind"] == "counter" else ""
            made.writerow([*(row[n] for n in kept), letter, "abc"[k % 3], answered])
    told = draft.guess(tmp_path / "export")
    (tmp_path / "guess.toml").write_text(told.text, "utf-8")
    guessed = audit.run(tmp_path / "export", str(tmp_path / "guess.toml"))
    assert f'counter_if_filled = "{name}"' in told.text
    assert not [doubt for doubt in told.doubts if "kinds" in doubt]
    assert {(f.entry_id, f.rule, f.effect) for f in guessed.findings} == {
        (f.entry_id, f.rule, f.effect) for f in own.findings
    }


def test_missing_column_is_named(tmp_path: Path) -> None:
    left_out = (*RACE.look.left_out, "recorded_at")
    write(RACE._replace(look=Look(left_out=left_out)), tmp_path)
    with pytest.raises(Fault, match=r"looks like recorded_at.*entries\.columns\.recorded_at"):
        draft.guess(tmp_path / "export")


def test_a_guess_that_the_rows_deny_is_no_profile(tmp_path: Path) -> None:
    """Nothing marks counter-entries: that a row takes away is no mark."""
    write(RACE, tmp_path)
    path = tmp_path / "export" / f"{RACE.look.files[0]}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [n for n in rows[0] if n not in {"kind", "memo", "job_id"}]
    with path.open("w", encoding="utf-8", newline="") as file:
        made = csv.writer(file)
        made.writerow([*kept, "dc"])
        made.writerows([*(r[n] for n in kept), "CD"[r["amount"][0] == "-"]] for r in rows)
    with pytest.raises(Fault, match=r"nothing marks counter-entries .*came after their weeks"):
        draft.guess(tmp_path / "export")


@pytest.mark.parametrize("table", [0, 1])
def test_a_header_alone_tells_nothing(table: int, tmp_path: Path) -> None:
    write(RACE, tmp_path)
    path = tmp_path / "export" / f"{RACE.look.files[table]}.csv"
    path.write_text(path.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")
    with pytest.raises(Fault, match=f"there is no row in {path.name} .*a header alone"):
        draft.guess(tmp_path / "export")


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("ledger.db", "settle pull sqlite:///PATH"),
        ("dump.sql", "load a dump into its database"),
        ("export.zip", "unpack it"),
        ("entries.txt", "name the file in full in entries.file"),
    ],
)
def test_of_files_that_are_no_tables_it_says_what_makes_one(
    name: str, todo: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("{}\n", "utf-8")
    with pytest.raises(Fault, match=f"there is no table to look at .*found {name}; {todo}"):
        draft.guess(tmp_path)


def test_what_is_no_table_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"EXTF";700;"";13;2026\na;b\n1;2;3;4;5;6;7\n', "utf-8")
    with pytest.raises(Fault) as caught:
        draft.guess(tmp_path)
    assert "\n" not in str(caught.value)
