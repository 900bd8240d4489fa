"""A misread ledger is refused with the key that mends it; a broken one is audited."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import recorded_logs
from misread import (
    SWAPPED_DAYS,
    WRONG_READINGS,
    edited,
    few,
    moved,
    thinned,
    turned,
)
from recorded import EXPORTS, RAILS, Entry, Export, Settlement, read, write
from simulator.files import build
from simulator.kinds import BY_NAME

from settle_core.audit import audit, finding, terminal_lines
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.checks import agreement
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger
from settle_core.report import narrative

RACE = read("sidekiq_race")
FEW = few(RACE, accounts=4, weeks=5, rows=5)
# Kinds of which many weeks were changed after settlement.
CHANGED = ("edited", "moved_week", "removed")
CHANGES = {"thinned": thinned, "edited": edited, "turned": turned, "moved": moved}


def write_checked(export: Export, folder: Path, *, settings: str = "") -> None:
    text = write(export, folder).read_text("utf-8")
    profile = profiles.parse(
        text.replace("[settlements]\n", f"[settlements]\n{settings}\n"), "test"
    )
    agreement.demand(Ledger.read(folder / "export", profile))


@pytest.mark.parametrize("name", WRONG_READINGS)
def test_a_wrong_reading_is_refused_with_what_would_mend_it(name: str, tmp_path: Path) -> None:
    way, word = WRONG_READINGS[name]
    with pytest.raises(Fault) as caught:
        write_checked(way(FEW), tmp_path)
    assert word in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def early_june() -> Export:
    """Days that are a date whichever of two numbers is the month."""
    days = [date(2026, 6, 1) + timedelta(days=k) for k in range(12)]
    entries = [
        Entry(
            str(number),
            str(1 + number % 4),
            day,
            Decimal(number * number + 7) / 4,
            "entry",
            datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            *("", "", "EUR", ""),
        )
        for number, day in enumerate(d for d in days for _ in range(4))
    ]
    settlements = []
    for week in (days[0], days[7]):
        for account in "1234":
            rows = [
                e.amount
                for e in entries
                if e.account_id == account and timedelta() <= e.effective_date - week < timedelta(7)
            ]
            at = datetime(week.year, week.month, week.day, 3, tzinfo=UTC) + timedelta(days=7)
            settlements.append(Settlement(account, week, sum(rows, Decimal()), at, "EUR"))
    return Export("june", tuple(entries), tuple(settlements), (), 0)


def test_day_and_month_swapped_are_refused(tmp_path: Path) -> None:
    write_checked(early_june(), tmp_path / "right")
    with pytest.raises(Fault, match=r"day and month.*date_format"):
        write_checked(SWAPPED_DAYS(early_june()), tmp_path / "wrong")


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(("share", "export"), [(0.12, FEW), (0.08, RACE)], ids=["few", "whole"])
def test_a_ledger_changed_in_most_settled_weeks_is_audited(
    kind: str, share: float, export: Export, tmp_path: Path
) -> None:
    write_checked(CHANGES[kind](share)(export), tmp_path)


def test_the_first_line_says_that_few_weeks_agree(tmp_path: Path) -> None:
    profile = write(thinned(0.12)(FEW), tmp_path)
    result = audit.run(tmp_path / "export", str(profile))
    first = terminal_lines.told(result.manifest(), finding.biggest(result.findings, 5))[0]
    said = f"only {result.agreement.agreeing} of 20 settled weeks agree"
    assert 0 < result.agreement.agreeing < 10
    assert said in first
    assert "the profile reads them wrongly" in first


def test_the_manifest_says_how_many_weeks_agree() -> None:
    told = audit.run(RAILS / "sidekiq_race").manifest()["agreement"]
    assert isinstance(told, dict)
    assert (told["settled_weeks"], told["agreeing"]) == (720, 720)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_recorded_export_agrees_in_every_week(name: str) -> None:
    count = agreement.counted(checked.read(RAILS / name, profiles.load("rails")))
    assert count.agreeing == count.weeks == 720


@pytest.mark.parametrize("name", recorded_logs.SCENARIOS)
def test_an_export_recorded_with_its_logs_agrees_in_every_week(name: str, tmp_path: Path) -> None:
    export = recorded_logs.export(tmp_path / "export", name)
    count = agreement.counted(checked.read(export, profiles.load("rails")))
    assert count.agreeing == count.weeks == 720


@pytest.mark.parametrize("name", CHANGED)
def test_a_simulated_broken_ledger_is_not_taken_for_a_misread_one(
    name: str, tmp_path: Path
) -> None:
    """All kinds at any seed are audited by `make simulate`, which tells a refusal as a fault."""
    export, profile = build(BY_NAME[name], 7).write(tmp_path)
    count = agreement.counted(checked.read(export, profiles.load(str(profile))))
    assert 0.3 * count.weeks < count.agreeing < 0.8 * count.weeks


def test_whoever_knows_the_ledger_audits_it_all_the_same(tmp_path: Path) -> None:
    way, _ = WRONG_READINGS["opposite sign"]
    write_checked(way(FEW), tmp_path, settings='agreement = "any"')


def test_three_weeks_prove_nothing(tmp_path: Path) -> None:
    way, _ = WRONG_READINGS["opposite sign"]
    write_checked(way(few(RACE, accounts=1, weeks=3)), tmp_path)


def test_one_currency_of_two_is_judged_by_itself(tmp_path: Path) -> None:
    """The franc accounts are right; those in euros are a hundredth of what was settled."""
    francs = {"1", "2"}
    in_two = FEW._replace(
        entries=tuple(
            e._replace(currency="CHF") if e.account_id in francs else e for e in FEW.entries
        ),
        settlements=tuple(
            s._replace(currency="CHF")
            if s.account_id in francs
            else s._replace(settled_amount=s.settled_amount * 100)
            for s in FEW.settlements
        ),
        look=FEW.look._replace(left_out=("answers",)),
    )
    with pytest.raises(Fault, match=r"in currency EUR.*found 0 of 10.*100 times bigger"):
        write_checked(in_two, tmp_path)


def not_settled_for_one(export: Export) -> Export:
    kept = tuple(s for s in export.settlements if s.account_id != "1")
    return export._replace(settlements=kept)


def test_rows_that_nobody_looked_at_are_counted_and_named(tmp_path: Path) -> None:
    profile = write(not_settled_for_one(few(read("console"))), tmp_path)
    result = audit.run(tmp_path / "export", str(profile))
    expected = sum(e.account_id == "1" for e in few(read("console")).entries)
    assert result.verdict == "reconciled"
    assert result.agreement.unsettled == (("1", expected),)
    assert "nothing is left to do" not in narrative.answer(result)
    assert f"{expected} rows were not looked at" in narrative.answer(result)


@pytest.mark.parametrize(("missing", "is_told"), [(2, True), (0, False), (4, False)])
def test_rows_of_weeks_that_nobody_was_settled_for_are_counted(
    missing: int, *, is_told: bool, tmp_path: Path
) -> None:
    """A part of the settlements that is not there; before the first and after the last is open."""
    week = sorted({s.week_start for s in FEW.settlements})[missing]
    left = tuple(s for s in FEW.settlements if s.week_start != week)
    profile = write(FEW._replace(settlements=left), tmp_path)
    result = audit.run(str(tmp_path / "export"), str(profile))
    days = [week + timedelta(days=k) for k in range(7)]
    rows = sum(e.effective_date in days for e in FEW.entries)
    said = f"{rows} rows were not looked at: 1 week between settled ones is settled for no account"
    assert rows > 1
    assert (f"{said}, that of {week}" in result.agreement.as_dict()["says"]) == is_told
    assert (said in narrative.answer(result)) == is_told
