"""Recorded runs: the logs beside a ledger settle every cause, and never a false one."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import recorded_logs as logged
from recorded_logs import Score

CHANGES = {"as exported": None, "plain": logged.plain, "committed_at": logged.bare}
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "docs" / "10_the_log_settles_it.ipynb"
RUNS = {
    "cached": "sidekiq_cached",
    "cached, interleaved": "sidekiq_cached_interleaved",
    "retry": "sidekiq_retry",
    "race": "sidekiq_race",
    "lost": "sidekiq_lost",
}
HEALTHY = ("console", "sidekiq_fixed", "sidekiq_race_locked")


@cache
def told(scenario: str, names: tuple[str, ...], change: str = "as exported") -> Score:
    """What an audit of a recorded run says of its faults, with some of its logs."""
    with TemporaryDirectory() as folder:
        given = logged.given(Path(folder), scenario, names)
        export = logged.export(Path(folder) / "export", scenario, CHANGES[change])
        result = logged.run(export, given)
        assert not result.open_cents
        assert not [f for f in result.findings if f.rule == "log_contradiction"]
        return logged.score(result, scenario)


def all_proved(score: Score) -> bool:
    return score == (score.faults, score.faults, score.faults, 0, 0, 0)


@pytest.mark.parametrize("names", [logged.APP, logged.SERVER], ids=["workers", "database"])
@pytest.mark.parametrize("scenario", logged.SCENARIOS)
def test_every_cause_is_right_and_proved(scenario: str, names: tuple[str, ...]) -> None:
    assert all_proved(told(scenario, names))


@pytest.mark.parametrize("names", [logged.APP, logged.SERVER], ids=["workers", "database"])
@pytest.mark.parametrize("scenario", logged.BROKEN)
def test_without_job_ids_commit_times_and_a_fine_clock(
    scenario: str, names: tuple[str, ...]
) -> None:
    assert all_proved(told(scenario, names, "plain"))


@pytest.mark.parametrize("scenario", logged.BROKEN)
def test_commit_times_in_place_of_job_ids_and_a_fine_clock(scenario: str) -> None:
    assert all_proved(told(scenario, logged.SERVER, "committed_at"))


def test_the_table_of_the_documentation_is_what_comes_out() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    for run, scenario in RUNS.items():
        logs = [
            told(scenario, names, change)
            for names, change in (
                (logged.APP, "as exported"),
                (logged.SERVER, "as exported"),
                (logged.APP, "plain"),
                (logged.SERVER, "plain"),
                (logged.SERVER, "committed_at"),
            )
        ]
        proved = " | ".join(f"{each.proved} proved" for each in logs)
        start = f"| {run} | {logs[0].faults} |"
        (row,) = [line for line in text.splitlines() if line.startswith(start)]
        assert row.endswith(f"| {proved} |")
        assert all(each.false_causes == each.missed == 0 for each in logs)
    for scenario in HEALTHY:
        for names in (logged.APP, logged.SERVER):
            assert told(scenario, names).false_causes == 0


def test_the_default_format_of_rails_says_the_same(tmp_path: Path) -> None:
    folder = logged.export(tmp_path / "export", "sidekiq_race")
    log = map(logged.in_default_format, logged.lines("sidekiq_race", "rails.log"))
    result = logged.run(folder, [logged.write(tmp_path / "production.log", log)])
    assert all_proved(logged.score(result, "sidekiq_race"))
