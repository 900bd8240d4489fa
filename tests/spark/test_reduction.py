"""The reduction's SQL gives what the pass in arrays gives; here on DuckDB, which is everywhere."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import lakes
import pytest
import reductions

from settle_core.exports.arrays import whole_pass
from settle_core.exports.arrays.passed import NotPlainError, Passed
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.files.opened import Opened
from settle_core.exports.files.source import Source
from settle_core.exports.profiles import profile
from settle_core.exports.reading import once
from settle_core.exports.reading.ledger import Ledger


def same(folder: Path, limits: Limits, read_by: str = "canonical") -> Passed:
    """Hold the reduction to the pass in arrays."""
    seen = []

    def passing(found: Ledger, entries: Opened, settlements: Source) -> Passed:
        _, reduced = reductions.reduced(found, entries, settlements, limits)
        seen.append(reduced)
        passed = whole_pass.run(found.con, limits, found.scale)
        expected = reductions.told(passed)
        if not passed.is_unique:  # the steps look for gaps; the reduction asks for no order
            expected["gaps"] = reductions.told(reduced)["gaps"]
        assert reductions.told(reduced) == expected
        return reduced

    once.unstored(folder, profile.load(read_by), passing)
    return seen[0]


@pytest.mark.parametrize("name", lakes.PLAIN)
def test_a_plain_lake_is_reduced_as_by_the_pass(name: str, tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.PLAIN[name], tmp_path)
    passed = same(export, Limits(), str(read_by))
    assert (len(passed.late.entry_id) > 5) == (name != "instants on the settlement")
    assert len(passed.off) > 0


@pytest.mark.parametrize(
    "limits",
    [
        Limits(as_of=datetime(2026, 1, 19, 12)),  # noqa: DTZ001  UTC, as in the tables
        Limits(first_week=date(2026, 1, 12), last_week=date(2026, 1, 12)),
    ],
)
def test_limits_are_those_of_the_pass(limits: Limits, tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.PLAIN["changed, with gaps"], tmp_path)
    assert len(same(export, limits, str(read_by)).late.entry_id) > 5


@pytest.mark.parametrize("name", lakes.OTHER)
def test_rows_that_are_not_surely_read_are_left_to_the_steps(name: str, tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.OTHER[name], tmp_path)
    with pytest.raises((NotPlainError, duckdb.Error)):
        same(export, Limits(), str(read_by))
