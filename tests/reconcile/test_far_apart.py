"""Accounts whose ids are whole numbers far apart go by numbers of their own in the pass."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eventful import Eventful, as_parquet
from two_ways import PROFILE, holds

from settle_core.audit import archive_check, audit
from settle_core.exports.archive import adding
from settle_core.exports.arrays import week_passes, whole_pass
from settle_core.exports.profiles import profile as profiles


def spread(number: int) -> str:
    """As they come from several shards, on both sides of zero, some of them next to each other."""
    return str((number % 5 - 2) * 70_000_000_003 + number // 5)


def made(tmp_path: Path, seed: int, entry: Callable[[int], str] = str) -> None:
    ledger = Eventful(seed, accounts=12)
    ledger.rename(entry, spread)
    last = ledger.settlements[-1][0]
    # One account has no settlement.
    ledger.settlements = [each for each in ledger.settlements if each[0] != last]
    random.Random(seed).shuffle(ledger.settlements)  # noqa: S311  no secret
    ledger.write(tmp_path / "csv", has_answers=seed % 2 == 0)
    as_parquet(tmp_path / "csv", tmp_path / "parquet")
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")


@pytest.mark.parametrize(
    ("seed", "form", "scope"),
    [
        (41, "csv", {}),
        (42, "parquet", {}),
        (43, "parquet", {"as_of": "2026-01-25T12:00Z"}),
        (44, "csv", {"weeks": "2026-01-12:2026-01-19"}),
    ],
)
def test_far_accounts_give_the_same_with_the_pass(
    seed: int, form: str, scope: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, seed)
    given: dict[str, Any] = {"export": str(tmp_path / form)}
    given["profile"] = str(tmp_path / "profile.toml")
    found = holds(monkeypatch, given | scope, is_stored=form == "csv" or bool(scope))
    assert len(found["findings"]) > 10
    assert len(found["unsettled_account"]) > 0


def test_with_ids_that_are_text_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, 45, lambda number: f"E-{number * 7919 % 100_003}")
    given = {"export": str(tmp_path / "csv"), "profile": str(tmp_path / "profile.toml")}
    holds(monkeypatch, given)


def test_an_archive_of_them_gives_what_the_export_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    made(tmp_path, 46)
    into = adding.add(tmp_path / "parquet", tmp_path / "archive", profiles.load("canonical"))
    assert into.passes == into.weeks
    assert not archive_check.run(tmp_path / "archive").differences
    wanted = audit.run(tmp_path / "parquet", "canonical")
    monkeypatch.setattr(whole_pass, "run", None)  # nothing is passed over again
    found = audit.run(tmp_path / "archive")
    assert len(wanted.findings) > 10
    assert (found.findings, found.corrections) == (wanted.findings, wanted.corrections)
    of_both = [run.ledger.con.table("unsettled_account").fetchall() for run in (wanted, found)]
    assert sorted(of_both[0]) == sorted(of_both[1])


def test_an_archive_in_which_an_account_far_apart_comes_later_gives_what_the_export_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (whole_pass, week_passes):
        monkeypatch.setattr(each, "CELLS_SPARED", 0)
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    ledger = Eventful(47, accounts=12)
    for name in ("before", "after"):
        ledger.write(tmp_path / name)
        adding.add(tmp_path / name, tmp_path / "archive", profiles.load("canonical"))
        last = max(ledger.settlements, key=lambda each: each[3])
        ledger.settlements.append((10**12, *last[1:]))
    wanted = audit.run(tmp_path / "after", "canonical")
    monkeypatch.setattr(whole_pass, "run", None)
    found = audit.run(tmp_path / "archive")
    assert found.ledger.unstored is not None
    assert (found.findings, found.corrections) == (wanted.findings, wanted.corrections)
