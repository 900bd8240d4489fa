"""Recorded runs: the logs beside a ledger settle every cause, and never a false one."""

from pathlib import Path

import pytest
import recorded_logs as logged


@pytest.mark.parametrize("names", [logged.APP, logged.SERVER], ids=["workers", "database"])
@pytest.mark.parametrize("scenario", logged.SCENARIOS)
def test_every_cause_is_right_and_proved(
    scenario: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    folder = logged.export(tmp_path / "export", scenario)
    result = logged.run(folder, logged.given(tmp_path, scenario, names))
    told = logged.score(result, scenario)
    assert told == (told.faults, told.faults, told.faults, 0, 0, 0)
    assert result.open_cents == ()


@pytest.mark.parametrize("names", [logged.APP, logged.SERVER], ids=["workers", "database"])
@pytest.mark.parametrize("scenario", logged.BROKEN)
def test_without_job_ids_commit_times_and_a_fine_clock(
    scenario: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    folder = logged.export(tmp_path / "export", scenario, logged.plain)
    told = logged.score(logged.run(folder, logged.given(tmp_path, scenario, names)), scenario)
    assert told == (told.faults, told.faults, told.faults, 0, 0, 0)


def test_the_default_format_of_rails_says_the_same(tmp_path: Path) -> None:
    folder = logged.export(tmp_path / "export", "sidekiq_race")
    log = map(logged.in_default_format, logged.lines("sidekiq_race", "rails.log"))
    told = logged.score(
        logged.run(folder, [logged.write(tmp_path / "production.log", log)]), "sidekiq_race"
    )
    assert told == (106, 106, 106, 0, 0, 0)
