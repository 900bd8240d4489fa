"""How well the audit finds faults in an analyst's own amounts and clocks, tried on a copy.

Whoever sees no finding wants to know whether there would have been one. So faults of every kind are
planted in a copy of the export, in weeks where nothing was wrong, and the copy is audited.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from settle_core.audit import audit
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.files import memory
from settle_core.rules import rule
from settle_core.simulation import inject
from settle_core.simulation.faults import FAULTY
from settle_core.simulation.inject import Transplant
from settle_core.simulation.scenario import OF_HISTORY, Planted
from settle_core.simulation.schedule import OF_WEEK

# Rule, account, currency, week, day, amount in minor units; week-level ones have no day or amount.
Key = tuple[object, ...]


class RulePower(NamedTuple):
    """What one rule found of what was planted; `false_alarms` are findings that were not planted.

    `planted` counts findings that must come: one fault may lead to several.
    """

    rule: str
    planted: int
    found: int
    false_alarms: int

    @property
    def recall(self) -> float | None:
        """Share of the planted that was found; None if nothing was planted."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Share of the found that was planted; None if nothing was found."""
        shown = self.found + self.false_alarms
        return self.found / shown if shown else None


class FaultPower(NamedTuple):
    """How many of one kind of fault were planted, and found with all that they lead to."""

    fault: str
    planted: int
    found: int


@dataclass(frozen=True)
class Power:
    """The result of a trial.

    Attributes:
        export: the export that the copy was made of.
        seed: of what was planted.
        findings_before: how many the export has of its own.
        faults: by kind of fault.
        rules: by rule.
        missed: planted findings that did not come.
        false_alarms: findings that came though nothing was planted for them.
        vanished: findings of the export itself that the copy no longer has.
        wrongly_proved: found, but with a cause called proved that is another one than planted.
        skipped: fault -> why none, or fewer than wanted, could be planted.
    """

    export: str
    seed: int
    findings_before: int
    faults: tuple[FaultPower, ...]
    rules: tuple[RulePower, ...]
    missed: tuple[Planted, ...]
    false_alarms: tuple[Finding, ...]
    vanished: tuple[Finding, ...]
    wrongly_proved: tuple[Finding, ...]
    skipped: dict[str, str]

    def __repr__(self) -> str:
        """Say how much of what was planted was found."""
        planted, found = (sum(getattr(r, n) for r in self.rules) for n in ("planted", "found"))
        return f"<power: {found:,} of {planted:,} planted findings found, seed {self.seed}>"

    def as_dict(self) -> dict[str, Any]:
        """The result for JSON."""
        rules = [r._asdict() | {"recall": r.recall, "precision": r.precision} for r in self.rules]
        return {
            "export": self.export,
            "seed": self.seed,
            "findings_before": self.findings_before,
            "faults": [fault._asdict() for fault in self.faults],
            "rules": rules,
            "vanished": len(self.vanished),
            "wrongly_proved": len(self.wrongly_proved),
            "skipped": self.skipped,
        }

    def lines(self) -> list[str]:
        """The result as text, a line for each rule and each fault."""
        head = (
            f"{'rule':<24} {'planted':>7} {'found':>6} {'false':>6} {'recall':>7} {'precision':>9}"
        )
        rules = [
            f"{r.rule:<24} {r.planted:>7} {r.found:>6} {r.false_alarms:>6} "
            f"{_share(r.recall):>7} {_share(r.precision):>9}"
            for r in self.rules
        ]
        faults = [f"{f.fault:<24} {f.planted:>7} {f.found:>6}" for f in self.faults]
        skipped = [f"not planted: {fault} ({why})" for fault, why in self.skipped.items()]
        return [head, *rules, "", f"{'fault':<24} {'planted':>7} {'found':>6}", *faults, *skipped]


@memory.told()
def power(export: str | Path, profile: str = "", *, count: int = 10, seed: int = 1) -> Power:
    """Plant faults in a copy of an export, audit it, and tell what was found.

    Args:
        export: the folder of the exported files; it is only read.
        profile: as for `audit.run`.
        count: how many of each kind of fault.
        seed: of what is planted; the same seed plants the same.

    Raises:
        Fault: the export cannot be audited or is not whole, or there is no week to plant a
            fault in.
    """
    if count < 1:
        raise Fault("bad value", where="count", expected=">= 1", found=str(count))
    before = audit.run(export, profile)
    if before.withheld:
        raise Fault(
            "the export is not whole",
            where=str(export),
            expected="an audit that is complete",
            found="; ".join(before.withheld),
            todo="mend the export: what is planted in a part of it measures nothing",
        )
    transplant = Transplant(before, plantable(), count, seed)
    if not transplant.planted:
        expected = "settled weeks in which nothing happened late"
        raise Fault("nothing to plant", where=str(export), expected=expected, found="none")
    with TemporaryDirectory(prefix="settle-power-") as name:
        folder = Path(name) / "copy"
        path = inject.write(transplant, folder)
        as_of, previous = f"{before.as_of.isoformat()}Z", str(folder / "previous")
        after = audit.run(folder, str(path), as_of=as_of, previous=previous)
    return _result(before, after, transplant, seed)


def plantable() -> tuple[str, ...]:
    """The faults that can be planted and that some rule finds."""
    rules = {each.name for each in rule.catalogue()}
    ways = FAULTY["sum"]
    at_desk = (fault for fault in ways if {r for way in ways[fault] for r in way.rules} <= rules)
    return (*at_desk, *(fault for fault in (*OF_WEEK, *OF_HISTORY) if fault in rules))


def _result(before: audit.Audit, after: audit.Audit, transplant: Transplant, seed: int) -> Power:
    scale = before.ledger.scale
    old, new = (_by_key(a.findings, scale) for a in (before, after))
    wanted: dict[Key, list[Planted]] = defaultdict(list)
    for each in transplant.planted:
        wanted[_planted_key(each)].append(each)
    missed: list[Planted] = []
    false_alarms: list[Finding] = []
    vanished: list[Finding] = []
    wrongly_proved: list[Finding] = []
    for key in {**old, **new, **wanted}:
        was, planted, now = old.get(key, []), wanted.get(key, []), new.get(key, [])
        vanished += was[len(now) :]
        fresh = now[len(was) :]
        missed += planted[len(fresh) :]
        false_alarms += fresh[len(planted) :]
        wrongly_proved += [
            f for f in fresh if planted and f.evidence == "proved" and f.cause != planted[0].cause
        ]
    return Power(
        export=before.export,
        seed=seed,
        findings_before=len(before.findings),
        faults=_by_fault(transplant.planted, missed),
        rules=_by_rule(transplant.planted, missed, false_alarms),
        missed=tuple(missed),
        false_alarms=tuple(false_alarms),
        vanished=tuple(vanished),
        wrongly_proved=tuple(wrongly_proved),
        skipped=transplant.skipped,
    )


def _by_key(findings: Iterable[Finding], scale: int) -> dict[Key, list[Finding]]:
    found: dict[Key, list[Finding]] = defaultdict(list)
    for f in findings:
        key: Key = (f.rule, f.account_id, f.currency, f.week_start, f.effective_date)
        if f.effective_date and f.amount is not None:
            key += (int(f.amount.scaleb(scale)),)
        found[key].append(f)
    return found


def _planted_key(p: Planted) -> Key:
    key: Key = (p.rule, p.account_id, p.currency, p.week_start, p.effective_date)
    return (*key, p.amount) if p.effective_date else key


def _by_rule(
    planted: Sequence[Planted], missed: Sequence[Planted], false_alarms: Sequence[Finding]
) -> tuple[RulePower, ...]:
    wanted, lost, false = (
        Counter(p.rule for p in group) for group in (planted, missed, false_alarms)
    )
    return tuple(
        RulePower(name, wanted[name], wanted[name] - lost[name], false[name])
        for name in sorted({*wanted, *false})
    )


def _by_fault(planted: Sequence[Planted], missed: Sequence[Planted]) -> tuple[FaultPower, ...]:
    wanted = Counter(fault for fault, _ in {(p.fault, p.number) for p in planted})
    lost = Counter(fault for fault, _ in {(p.fault, p.number) for p in missed})
    return tuple(FaultPower(name, n, n - lost[name]) for name, n in sorted(wanted.items()))


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
