"""Weeks judged by the patterns of their days come out as weeks judged one by one do."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgers import Ledger, packed, write_export
from two_paths import PROFILE, drawn_alike, packs

from settle_core.audit import audit
from settle_core.reconcile.patterns import alike
from settle_core.simulation.simulate import simulate

FAULTS = {"stale_read": 12, "race": 12, "repeated_job": 8, "lost_job": 8, "orphan": 8, "masked": 8}


def told(folder: Path, profile: str) -> tuple[list[Any], ...]:
    run = audit.run(folder, profile)
    replayed = run.ledger.con.execute("FROM replay ORDER BY ALL").fetchall()
    inferred = run.inferred.as_dict()
    return list(run.findings), list(run.corrections), replayed, [inferred]


def holds(monkeypatch: pytest.MonkeyPatch, folder: Path, profile: str = "") -> int:
    """Hold both ways to each other; how many rows were judged."""
    by_pattern = told(folder, profile)
    with monkeypatch.context() as patched:
        patched.setattr(alike, "ROWS_MAX", 0)  # no day is so small
        one_by_one = told(folder, profile)
    assert by_pattern == one_by_one
    return len(by_pattern[2])


@pytest.mark.parametrize("policy", ["sum", "mixed"])
def test_simulated_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, policy: str) -> None:
    simulate(
        tmp_path / "export",
        accounts=300,
        weeks=6,
        entries_per_week=4,
        faults=FAULTS,
        policy=policy,
        job_ids=policy == "mixed",
    )
    assert holds(monkeypatch, tmp_path / "export") > 100


def crowded(folder: Path) -> Path:
    """Weeks with a day of ten late rows and another: the last counter-entry is right, or not."""
    entries = ["entry_id,account_id,effective_date,amount,kind,recorded_at,job_id,attempt"]
    settlements = ["account_id,week_start,settled_amount,settled_at"]
    clock = datetime(2026, 3, 10)  # noqa: DTZ001
    for account in range(40):
        settlements.append(f"{account},2026-03-02,0.00,2026-03-09 03:00:00")
        for date, late in (("2026-03-03", 5), ("2026-03-05", 2 + account % 2)):
            owed = 0
            for number in range(late):
                clock += timedelta(seconds=3 + (account + number) % 2 * 60)
                amount = 100 * (account + 1) + 7 * number * number + late
                owed += amount
                # Every other entry is answered with the next one, and the last one as it comes.
                answer = owed if number % 2 or account % 3 else 0
                if number == late - 1 and date == "2026-03-03":
                    answer = (amount, owed, owed + amount, 2 * owed, owed - 1, 0)[account % 6]
                for kind, value in (("entry", amount), ("counter", -answer)):
                    if value:
                        clock += timedelta(seconds=account % 2, milliseconds=15)
                        entries.append(
                            f"{len(entries)},{account},{date},{value / 100:.2f},{kind},{clock},"
                            f"{account}-{number // 2},{1 + account % 4 * number % 2}"
                        )
                owed -= answer
    folder.mkdir()
    (folder / "entries.csv").write_text("\n".join(entries) + "\n", "utf-8")
    (folder / "settlements.csv").write_text("\n".join(settlements) + "\n", "utf-8")
    return folder


def test_weeks_and_days_of_many_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE.format(skew=2.0, grace=15, policy="auto", level="day"), "utf-8")
    assert holds(monkeypatch, crowded(tmp_path / "export"), str(profile)) > 300


@pytest.fixture(scope="module")
def ledgers() -> list[Ledger]:
    return drawn_alike("ledgers", "random_ledgers", 120)


@pytest.mark.parametrize(("policy", "level"), [("auto", "auto"), ("sum", "day"), ("auto", "day")])
def test_random_ledgers(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ledgers: list[Ledger],
    policy: str,
    level: str,
) -> None:
    for number, pack in enumerate(packs(ledgers)):
        folder = write_export(packed(pack), tmp_path / str(number))
        profile = tmp_path / f"{number}.toml"
        text = PROFILE.format(skew=2.0, grace=15, policy=policy, level=level)
        profile.write_text(text, "utf-8")
        assert holds(monkeypatch, folder, str(profile)) > 30
