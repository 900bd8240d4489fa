"""Traditional syslog tells neither year nor zone: the year is that of the late rows, and told."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import Lines

from settle_core.audit import terminal_lines
from settle_core.errors import Fault
from settle_core.logs.lines import yearless
from settle_core.logs.lines.yearless import Dating


def us(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1_000_000)


NEAR = Dating(us("2026-12-30T00:00:00"), "Europe/Berlin")


@pytest.mark.parametrize(
    ("line", "dated"),
    [
        ("Jan  2 07:13:01 db1 postgres[7]: x", "2027-01-02T07:13:01+01:00 db1 postgres[7]: x"),
        ("<134>Dec 31 23:59:59 db1 a: b", "<134>2026-12-31T23:59:59+01:00 db1 a: b"),
        ("Jul  1 00:00:00 db1 a: b", "2026-07-01T00:00:00+02:00 db1 a: b"),
        ("Feb 29 00:00:00 db1 a: b", "Feb 29 00:00:00 db1 a: b"),
        ("Foo 12 00:00:00 db1 a: b", "Foo 12 00:00:00 db1 a: b"),
    ],
)
def test_a_line_is_of_the_nearest_year(line: str, dated: str) -> None:
    assert NEAR.dated(line) == dated


def test_rows_of_several_years_tell_no_year() -> None:
    windows = [(us("2024-05-01T00:00:00"), us("2024-05-02T00:00:00"))]
    assert yearless.dating(windows, "UTC") is not None
    windows.append((us("2025-05-01T00:00:00"), us("2025-05-02T00:00:00")))
    assert yearless.dating(windows, "UTC") is None


def postgres(lines: Lines) -> Lines:
    """As syslog has it, with `log_line_prefix = ''`, and so with whole seconds."""
    number: Counter[str] = Counter()
    told: Lines = []
    for record in map(json.loads, lines):
        number[record["pid"]] += 1
        head = f"Nov 26 {record['timestamp'][11:19]} db1 postgres[{record['pid']}]: "
        told.append(f"{head}[{number[record['pid']]}-1] LOG:  {record['message']}")
        if "detail" in record:
            told.append(f"{head}[{number[record['pid']]}-2] DETAIL:  {record['detail']}")
    return told


def rails(lines: Lines) -> Lines:
    """As syslog has it, with a formatter that leaves the time to it."""
    told = [(line[11:19], line.partition("Z D ")[2]) for line in lines]
    return [f"Nov 26 {at} w1 rails[8]: {text}" for at, text in told if text]


@pytest.mark.parametrize("scenario", ["sidekiq_lost", "sidekiq_race", "sidekiq_cached"])
@pytest.mark.parametrize("name", ["postgres.jsonl", "rails.log"])
def test_nothing_false_is_proved_by_whole_seconds(name: str, scenario: str, tmp_path: Path) -> None:
    lines = logged.lines(scenario, name)
    given = postgres(lines) if name == "postgres.jsonl" else rails(lines)
    path = logged.write(tmp_path / "syslog", given)
    result = logged.run(logged.export(tmp_path / "export", scenario), [path])
    score = logged.score(result, scenario)
    assert score.false_proved == 0
    said = "\n".join(terminal_lines.told(result.manifest(), ()))
    assert "its stamps without a year taken for that of the late rows" in said
    if scenario == "sidekiq_lost":
        assert score.proved == (59 if name == "postgres.jsonl" else 47)


def test_a_log_without_a_year_beside_rows_of_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yearless, "_APART_MAX_US", 0)
    path = logged.write(tmp_path / "syslog", rails(logged.lines("sidekiq_lost", "rails.log")))
    export = logged.export(tmp_path / "export", "sidekiq_lost")
    with pytest.raises(Fault, match=r"log has no times.*--weeks"):
        logged.run(export, [path])
