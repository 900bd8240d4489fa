"""An export whose last row is older than was asked for is incomplete, and says since when."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from settle_core.audit import age, audit, summary
from settle_core.errors import Fault

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LAST = datetime(2026, 9, 28, 3, tzinfo=UTC)  # the settlement of the sample's last week


@pytest.mark.parametrize(
    ("later", "is_older"),
    [(timedelta(hours=36), False), (timedelta(hours=36, seconds=1), True)],
)
def test_age_is_counted_from_the_last_row(later: timedelta, is_older: bool) -> None:  # noqa: FBT001
    con = audit.run(SAMPLE).ledger.con
    found = age.check(con, "36h", LAST + later)
    assert found == age.Age("36h", "2026-09-28T03:00:00Z", is_older)
    assert age.check(con, "") is None


def test_old_export_is_incomplete_and_told(tmp_path: Path) -> None:
    run = audit.run(SAMPLE, max_age="1m")
    assert run.verdict == "incomplete"
    line = summary.line(run.write(tmp_path / "run"), run.manifest())
    assert re.match(r"the export is old in .*: expected a row of the last 1m, found the last", line)


@pytest.mark.parametrize("text", ["36", "h", "-1h", "36 h", "1.5h", "36H", "1y", "9" * 9 + "h"])
def test_what_is_no_age_is_a_fault(text: str) -> None:
    with pytest.raises(Fault, match=r"^not an age in --max-age: "):
        age.span(text)
