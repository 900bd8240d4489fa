"""The recorded exports, alone and mixed, as they may come: every broken day found, and no other."""

from pathlib import Path

import pytest
from blend import blended
from degrade import DEGRADATIONS, mixed
from recorded import EXPORTS, Export, read
from score import Score, score

RECORDED = {name: read(name) for name in EXPORTS}
MIXED = mixed(RECORDED.values())
BROKEN = "sidekiq_race"
# What changes only how rows are written, not what they tell: one export shows it as all do.
WRITTEN = [
    *("rows in any order", "with offset", "without zone", "cents", "German", "tabs", "gzip"),
    *("Parquet", "Parquet parts", *(name for name in DEGRADATIONS if name.endswith(" decimals"))),
]
# What takes away the order of ids, by which the truth blames one of two racing counter-entries.
WITHOUT_ID_ORDER = [name for name in DEGRADATIONS if "random ids" in name or "at once" in name]
WITHOUT_JOBS = [name for name in DEGRADATIONS if "no job" in name or "at once" in name]


def finds_every_day(found: Score) -> None:
    assert found.rejected == 0
    assert (found.days_found, found.days_false) == (found.days, 0)
    assert (found.open_cents, found.days_off) == (0, 0)
    assert found.miscaused == 0
    assert found.verdict == ("broken" if found.days else "reconciled")
    assert bool(found.other) == bool(found.days)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_export_as_it_may_come(name: str, tmp_path: Path) -> None:
    export = RECORDED[BROKEN] if name in WRITTEN else MIXED
    found = score(DEGRADATIONS[name](export), tmp_path)
    finds_every_day(found)
    if name not in WITHOUT_ID_ORDER:
        assert min(found.recall, found.precision) >= 0.99
    # Evidence that says nothing would be no evidence.
    named = found.rows_found + found.rows_false
    assert (found.undetermined == named) == (name in WITHOUT_JOBS)


CHANGED = ("as recorded", "whole seconds", "no job ids", "answers named", "random ids")


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("seed", range(2))
def test_weeks_of_an_account_under_changing_systems(name: str, seed: int, tmp_path: Path) -> None:
    found = score(DEGRADATIONS[name](blended(list(RECORDED.values()), seed)), tmp_path)
    finds_every_day(found)
    assert found.days > 40
    if name not in WITHOUT_ID_ORDER:
        assert min(found.recall, found.precision) >= 0.99


HARD = ("random ids", "no job ids", "whole seconds", "random ids, no jobs, seconds")


@pytest.mark.parametrize("export", RECORDED.values(), ids=EXPORTS)
@pytest.mark.parametrize("name", HARD)
def test_each_export(name: str, export: Export, tmp_path: Path) -> None:
    found = score(DEGRADATIONS[name](export), tmp_path)
    finds_every_day(found)
    # Without the order of ids either of two racing counter-entries may be blamed.
    if export.name != BROKEN or name not in WITHOUT_ID_ORDER:
        assert min(found.recall, found.precision) >= 0.99


def test_a_wrong_truth_is_noticed(tmp_path: Path) -> None:
    export = RECORDED[BROKEN]
    found = score(export._replace(wrong=export.wrong[1:]), tmp_path)
    assert found.rows_false == 1
    assert found.precision < 1
