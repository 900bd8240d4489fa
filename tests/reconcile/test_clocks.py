"""Where clocks contradict ids, the run says by how much, and what would fit."""

from pathlib import Path

import pytest

from settle_core import audit

MINIMAL = Path(__file__).parents[1] / "data" / "minimal"


@pytest.mark.parametrize(
    ("name", "seconds", "fits"),
    [("flow_15_skew_ids_tell", 4.9, 5), ("flow_13_dst", 2507.265, 2508)],
)
def test_contradiction_is_told_with_the_skew_that_fits(
    name: str, seconds: float, fits: int
) -> None:
    result = audit.run(MINIMAL / name / "export", profile=str(MINIMAL / name / "profile.toml"))
    assert result.verdict == "reconciled"
    assert result.inferred.as_dict()["clock_off_seconds"] == seconds
    (said,) = result.inferred.says
    assert f"clock.skew_seconds = {fits} would fit" in said


def test_search_that_gave_up_is_told_and_names_no_cause() -> None:
    folder = MINIMAL / "flow_10_9_faults_1s"
    result = audit.run(folder / "export", profile=str(folder / "profile.toml"))
    if result.inferred.units_exhausted:
        assert "gave up in 1 crowded place" in result.inferred.says[0]
        assert {f.cause for f in result.findings} == {"unknown"}
