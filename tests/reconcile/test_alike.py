"""Weeks judged by the patterns of their days come out as weeks judged one by one do."""

from pathlib import Path
from typing import Any

import pytest
from ledgers import Ledger, packed, write_export
from two_paths import PROFILE, drawn_alike, packs

from settle_core.audit import audit
from settle_core.reconcile import alike
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
