"""A few rows that no reading takes keep nobody from a first profile, and cost no hundred tries."""

import logging
from importlib.resources import files
from pathlib import Path

import pytest
from recorded import RAILS, Export, Look, read, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

CACHED = read("sidekiq_cached")
# All of which is in a sample of rows.
FEW = CACHED._replace(
    entries=tuple(row for row in CACHED.entries if int(row.account_id) < 10),
    settlements=tuple(row for row in CACHED.settlements if int(row.account_id) < 10),
)
NAMES = (("account_id", "kunde"), ("recorded_at", "erfasst"))
TRIED_MAX = 12


def written(export: Export, folder: Path) -> Path:
    export = export._replace(look=Look(columns=NAMES))
    write(export, folder)
    return folder / "export" / f"{export.look.files[0]}.csv"


def changed(file: Path, place: int, column: str, value: str) -> None:
    lines = file.read_text("utf-8").splitlines()
    names = lines[0].split(",")
    cells = lines[place].split(",")
    cells[names.index(column)] = value
    lines[place] = ",".join(cells)
    file.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("place", "column", "value"),
    [
        (500, "amount", "n/v"),
        (4500, "amount", "n/v"),  # in no sample of rows
        (500, "effective_date", "08.08.2026"),
        (500, "erfasst", "yesterday"),
        (500, "kunde", ""),
    ],
)
def test_one_row_that_no_reading_takes_is_told_and_the_rest_is_read(
    place: int, column: str, value: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = written(CACHED, tmp_path)
    changed(file, place, column, value)
    caplog.set_level(logging.INFO)
    told = draft.guess(tmp_path / "export")
    assert 0 < caplog.text.count("trying a reading") <= TRIED_MAX
    assert f"1 row is rejected by this profile, the first in {file.name}, line {place + 1}:" in (
        told.text
    )
    ledger = Ledger.read(tmp_path / "export", profiles.parse(told.text, "first"))
    assert [each.line for each in ledger.rejected] == [place + 1]


def test_a_form_that_takes_the_row_is_still_found(tmp_path: Path) -> None:
    """Rows of another kind of thing, here without a day, are set aside and not rejected."""
    file = written(CACHED, tmp_path)
    lines = file.read_text("utf-8").splitlines()
    header = f"{lines[0]},source"
    rows = [f"{line},shop" for line in lines[1:]]
    names = header.split(",")
    for place in (40, 5000):
        cells = rows[place].split(",")
        alien = dict(zip(names, cells, strict=True)) | {"entry_id": f"99{place:04d}", "source": "x"}
        alien["effective_date"] = ""
        rows.insert(place, ",".join(alien[name] for name in names))
    file.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    told = draft.guess(tmp_path / "export")
    assert 'skip = { "source" = ["x"] }' in told.text
    assert "rejected by this profile" not in told.text


TOTALS = {
    "a word": ({"entry_id": "Total", "amount": "31.20"}, '{ "entry_id" = ["Total"] }'),
    "a word, and a line that holds nothing": (
        {"entry_id": "Summe"},
        '{ "entry_id" = ["Summe"], "*" = [""] }',
    ),
    "a word where words stand": ({"kind": "total"}, '{ "kind" = ["total"] }'),
    "a word as entries may have it": ({"memo": "sundries", "amount": "31.20"}, ""),
    "an amount": ({"amount": "31.20"}, ""),
    "a day": ({"effective_date": "2026-12-31"}, ""),
}


@pytest.mark.parametrize("which", TOTALS)
def test_totals_are_set_aside_by_a_word_that_no_later_row_has(which: str, tmp_path: Path) -> None:
    """By an amount, a day or an empty field a row of the next export would be set aside as well."""
    filled, skip = TOTALS[which]
    file = written(FEW, tmp_path)
    names = file.read_text("utf-8").splitlines()[0].split(",")
    blank = ["," * (len(names) - 1)] if '"*"' in skip else []
    total = ",".join(filled.get(name, "") for name in names)
    text = file.read_text("utf-8")
    file.write_text(text + "\n".join([*blank, total, *blank]) + "\n", "utf-8")
    told = draft.guess(tmp_path / "export").text
    assert (f"skip = {skip}  #" in told) == bool(skip)
    assert ("skip" in told.partition("# Rows of totals")[0]) == bool(skip)
    assert ("1 row is rejected by this profile" in told) == (not skip)
    later = f"{text}{total}\n" + "\n".join([*blank, f"{',' * names.index('amount')}5.00"]) + "\n"
    file.write_text(later.replace("5.00\n", f"5.00{',' * (len(names) - 3)}\n"), "utf-8")
    ledger = Ledger.read(tmp_path / "export", profiles.parse(told, "first"))
    assert len(ledger.rejected) == 1 + (not skip)
    assert ledger.inputs[0].rows_set_aside == bool(skip) + len(blank)


def test_rows_that_hold_nothing_may_lack_later(tmp_path: Path) -> None:
    file = written(FEW, tmp_path)
    text = file.read_text("utf-8")
    file.write_text(f"{text}{',' * text.partition(chr(10))[0].count(',')}\n", "utf-8")
    told = draft.guess(tmp_path / "export").text
    profile = profiles.parse(told, "first")
    assert 'skip = { "*" = [""] }' in told
    (found, _) = Ledger.read(tmp_path / "export", profile).inputs
    assert found.set_aside == (("rows without any value", 1),)
    file.write_text(text, "utf-8")
    assert not Ledger.read(tmp_path / "export", profile).inputs[0].rows_set_aside


@pytest.mark.parametrize("key", ['only = { "*" = [""] }', 'skip = { "*" = ["Total"] }'])
def test_of_a_whole_row_nothing_but_that_it_is_empty_is_told(key: str) -> None:
    with pytest.raises(Fault, match="rows without any value"):
        profiles.parse(f"[entries]\n{key}\n", "ours")


def test_a_column_of_which_much_is_unreadable_is_refused(tmp_path: Path) -> None:
    file = written(CACHED, tmp_path)
    for place in range(1, len(CACHED.entries), 10):
        changed(file, place, "amount", "n/v")
    with pytest.raises(Fault, match="no column looks like amount"):
        draft.guess(tmp_path / "export")


def test_a_trial_counts_all_that_it_rejects_and_tells_the_first() -> None:
    """A reading of which nothing comes had each of its millions of rows explained."""
    text = (files("settle_core.exports") / "profiles" / "rails.toml").read_text("utf-8")
    profile = profiles.parse(text + '[money]\nunit = "minor"\n', "of cents")
    whole, trial = (
        Ledger.read(RAILS / "console", profile, is_trial=each) for each in (False, True)
    )
    assert trial.inputs == whole.inputs
    assert len(trial.rejected) == len(whole.rejected) > 6000
    assert [*trial.rejected] == [*whole.rejected][: len([*trial.rejected])]
    assert 0 < len([*trial.rejected]) < 2000
