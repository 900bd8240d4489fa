"""Runs side by side: what is new, persists and is resolved, over every kind of folder."""

import re
import shutil
from pathlib import Path

import pytest

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.report import trend
from settle_core.report.trend import Trend

ROOT = Path(__file__).parents[2]
PIECES = (
    trend.headline,
    trend.over_time,
    trend.runs,
    trend.new,
    trend.resolved,
)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", html)).split())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of one export and one of another; their names tell nothing of their order."""
    folder = tmp_path_factory.mktemp("runs")
    export = ROOT / "data" / "rails" / "sidekiq_cached"
    for name, second in (("c", 46), ("a", 48), ("b", 59)):
        audit.run(export, "rails", as_of=f"2026-11-23T09:45:{second}Z").write(folder / name)
    audit.run(ROOT / "data" / "sample").write(folder / "d")
    (folder / ".part-1").mkdir()
    (folder / ".part-1" / "manifest.json").write_text("{", "utf-8")
    return folder


@pytest.fixture(scope="module")
def found(runs: Path) -> Trend:
    return trend.read(str(runs), "")


def test_runs_stand_in_the_order_of_what_they_audited(found: Trend) -> None:
    cached, sample = sorted(found.series, key=lambda each: each.export != "sidekiq_cached")
    assert [change.run.folder.name for change in cached.changes] == ["c", "a", "b"]
    assert cached.changes[0].run.verdict == "reconciled"
    assert len(sample.changes) == 1
    assert not found.is_demonstration


def test_every_open_break_is_new_or_persisting_and_none_is_lost(found: Trend) -> None:
    for series in found.series:
        before: set[str] = set()
        for change in series.changes:
            parts = [{f.finding_id for f in part} for part in change[1:]]
            assert parts[0] | parts[1] == set(change.run.open)
            assert parts[1] | parts[2] == before
            assert not parts[0] & before
            before = set(change.run.open)


def test_the_last_run_is_that_of_the_whole_export(found: Trend) -> None:
    (cached,) = [each for each in found.series if each.export == "sidekiq_cached"]
    run = cached.last.run
    truth = audit.run(ROOT / "data" / "rails" / "sidekiq_cached", "rails")
    opened = [f for f in truth.findings if f.status == "open" and f.entry_id]
    assert set(run.open) == {f.finding_id for f in opened}
    assert run.exposure("EUR") == sum(abs(f.effect) for f in opened if f.effect is not None)
    assert list(run.waits) == sorted(run.waits)
    masked = {f.finding_id for f in run.breaks if f.status == "masked"}
    assert {f.finding_id for f in cached.last.resolved} & masked
    text = words(trend.headline(found).text)
    assert f"{len(opened)} breaks are open" in text


def test_break_that_is_gone_is_resolved(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "b", tmp_path / "1")
    export = tmp_path / "sidekiq_cached"
    shutil.copytree(ROOT / "data" / "rails" / "sidekiq_fixed", export)
    audit.run(export, "rails").write(tmp_path / "2")
    (series,) = trend.read(str(tmp_path)).series
    assert len(series.last.resolved) == len(series.changes[0].run.open) > 0
    assert series.last.run.verdict == "reconciled"
    shown = Trend("", (series,), is_demonstration=False)
    assert "0 breaks are open" in words(trend.headline(shown).text)
    assert "gone" in words(trend.resolved(shown).text)


def test_other_weeks_are_another_series(tmp_path: Path) -> None:
    for name, weeks in (("1", ""), ("2", "2026-09-14")):
        audit.run(ROOT / "data" / "sample", weeks=weeks).write(tmp_path / name)
    assert [each.weeks for each in trend.read(str(tmp_path)).series] == ["", "2026-09-14"]


def test_every_piece_is_deterministic_and_shows_each_series(found: Trend) -> None:
    for piece in PIECES:
        assert piece(found).text == piece(found).text
        assert "sidekiq_cached" in piece(found).text
        assert "sample" in piece(found).text


def test_demonstration_says_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = trend.read("")
    assert "This is a demonstration" in words(trend.headline(shown).text)
    (series,) = shown.series
    assert series.last.resolved
    assert "masked" in words(trend.resolved(shown).text)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"runs": "nowhere"}, r"no run in nowhere: expected run folders, .* found none"),
        ({"export": "other"}, r"no run in .*: expected a run of other, found runs of sample, side"),
        ({"runs": 7}, r"wrong type in parameter runs: expected text, found 7 \(int\)"),
    ],
)
def test_what_is_not_there_is_one_line(runs: Path, given: dict[str, str], line: str) -> None:
    with pytest.raises(Fault, match=line) as fault:
        trend.read(**({"runs": str(runs)} | given))
    assert "\n" not in str(fault.value)
