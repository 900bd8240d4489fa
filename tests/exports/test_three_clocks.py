"""Instants of which nobody says what they are: any two may be the day and the clock of writing."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from story import at, held_to_the_story, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft


def billed(folder: Path, names: tuple[str, ...]) -> Path:
    """Rows with a day as an instant, another one that says nothing, and when they were written."""
    rows = [["id", "account", "amount", "type", *names]]
    for r in story("entries"):
        days = f"{r['effective_date']} 12:00:00", f"{r['effective_date']} 23:59:59"
        kind = {"entry": "charge", "counter": "reversal"}[r["kind"]]
        written = f"{at(r['recorded_at']):%Y-%m-%d %H:%M:%S.%f}"
        clocks = dict(zip(names, (*days, written), strict=False))
        rows.append(
            [r["entry_id"], r["account_id"], r["amount"], kind, *(clocks[name] for name in names)]
        )
    write(folder / "entries.csv", rows)
    plain_settlements(folder)
    return folder


def test_of_three_instants_the_two_are_found_by_which_the_weeks_agree(tmp_path: Path) -> None:
    export = billed(tmp_path / "export", ("Created (UTC)", "Available On (UTC)", "written (UTC)"))
    held_to_the_story(export, tmp_path)


def test_where_counters_come_early_and_few_weeks_agree_no_profile_is_written(
    tmp_path: Path,
) -> None:
    """Nothing tells when rows were written: the word alone is no evidence against that."""
    rows = [["id", "account", "amount", "type", "Created (UTC)", "Available On (UTC)"]]
    closings = [["account", "week_start", "settled_amount", "settled_at"]]
    for week in range(12):
        monday = datetime(2026, 1, 5) + timedelta(weeks=week)  # noqa: DTZ001  as it is written
        told = [(0, "10.25", "charge"), (1, "-2.50", "charge"), (1, "2.50", "reversal")]
        told += [(6, "1.75", "charge")] if week % 3 else []
        for days, amount, kind in told:
            noon = monday + timedelta(days=days, hours=12)
            clocks = [f"{noon}", f"{noon + timedelta(days=2)}"]
            rows.append([f"t{len(rows)}", f"a{week % 2}", amount, kind, *clocks])
        total = "12.00" if week % 3 else "10.25"
        closed = f"{monday + timedelta(days=7, hours=3)}"
        closings.append([f"a{week % 2}", f"{monday:%Y-%m-%d}", total, closed])
    write(tmp_path / "entries.csv", rows)
    write(tmp_path / "settlements.csv", closings)
    with pytest.raises(Fault, match="4 of 12 weeks agree; write the profile by hand"):
        draft.guess(tmp_path)
