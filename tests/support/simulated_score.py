"""How an audit does on a simulated system: what is found, what is claimed, whether it stands."""

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import round_trip
from round_trip import Way
from simulator.files import Simulated
from simulator.ledger import Unit
from simulator.truth import Key, Wrong

from settle_core import Fault
from settle_core.audit import Audit

WEEK_RULES: Final = {
    "settled_amount_mismatch",
    "duplicate_settlement",
    "changed_history",
    "missing_history",
}
NEARLY: Final = 0.98
MOSTLY: Final = 0.95
Place = tuple[str, date]


class Score(NamedTuple):
    """What an audit says of one simulated export, held to its truth.

    Attributes:
        name: of the export.
        units, units_found, units_false: broken days or weeks, found, and named without cause.
        wrongly_open: units that hold their amount with an open finding in them.
        rows, rows_found, rows_false: likewise wrong rows, by account, day and amount.
        claims, claims_right: causes other than `unknown`, and those that are true.
        claims_hedged: those that are not, where the true one is named among `other_causes`: who
            wrote at once with whom, from a replica or twice, leaves the same rows.
        proved, wrong_proved: called proved, and those that the data does not allow or are untrue.
        cents: places whose effects are not what they are off by.
        trip: what is wrong with the corrections.
        seconds: of the audit.
        verdict: of the run.
        details: a line on each thing that does not hold.
    """

    name: str
    units: int
    units_found: int
    units_false: int
    wrongly_open: int
    rows: int
    rows_found: int
    rows_false: int
    claims: int
    claims_right: int
    claims_hedged: int
    proved: int
    wrong_proved: int
    cents: int
    trip: int
    seconds: float
    verdict: str
    details: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Share of the wrong rows that are named."""
        return self.rows_found / self.rows if self.rows else 1.0

    @property
    def precision(self) -> float:
        """Share of the named rows that are wrong."""
        named = self.rows_found + self.rows_false
        return self.rows_found / named if named else 1.0

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be; that a cause is unknown is allowed.

        Of rows that were written at once the data does not always tell which one was wrong: a
        story with as few faults may blame another one. Nothing else has room.
        """
        untrue = self.claims - self.claims_right - self.claims_hedged
        nothing = (self.units_false, self.wrongly_open, self.wrong_proved, self.cents, self.trip)
        return (
            not any(nothing)
            and untrue <= (1 - MOSTLY) * self.claims
            and self.units_found >= NEARLY * self.units
            and self.recall >= MOSTLY
            and self.precision >= MOSTLY
        )

    def __add__(self, other: object) -> "Score":
        """Sums of two; the name is the first one's."""
        assert isinstance(other, Score)
        added: dict[str, Any] = {
            n: getattr(self, n) + getattr(other, n) for n in self._fields if n != "name"
        }
        verdicts = sorted({*self.verdict.split("/"), *other.verdict.split("/")})
        return self._replace(**added | {"verdict": "/".join(verdicts)})

    @staticmethod
    def header() -> str:
        """Head of the table of `line`."""
        names = (
            "kind | broken units | found | false | wrongly open | wrong rows | recall | precision "
            "| causes claimed | right | hedged | proved | wrongly | cents off | round trip off | s "
            "| verdict"
        )
        return f"| {names} |\n|-" + "|-:" * 15 + "|-|"

    def line(self) -> str:
        """One row of a Markdown table."""
        cells = (
            *self[1:6],
            f"{self.recall:.1%}",
            f"{self.precision:.1%}",
            *self[8:15],
            f"{self.seconds:.1f}",
            self.verdict,
        )
        return f"| {self.name} | " + " | ".join(map(str, cells)) + " |"


def way_of(simulated: Simulated, folder: Path) -> Way:
    """Write a simulated export, and how it is to be audited."""
    export, profile = simulated.write(folder)
    way = Way(export, str(profile))
    zone = simulated.system.zone
    if zone:

        def local(at: datetime) -> str:
            return f"{at.astimezone(ZoneInfo(zone)).replace(tzinfo=None):%Y-%m-%dT%H:%M:%S.%f}"

        way = way._replace(instant=local)
    if simulated.system.previous:
        way = way._replace(previous=str(folder / "before"))
    return way


def score(simulated: Simulated, folder: Path, *, trip: bool = True) -> Score:
    """Audit a simulated export and compare with the truth.

    Args:
        simulated: the export.
        folder: an empty one to work in.
        trip: go the round trip, too.
    """
    way = way_of(simulated, folder)
    began = datetime.now().astimezone()
    try:
        result = way.audited()
    except Fault as fault:
        return _unread(simulated, str(fault))
    seconds = (datetime.now().astimezone() - began).total_seconds()
    details: list[str] = []
    named = Counter(map(key, accusing(result)))
    rows = _rows(simulated, named, details)
    units = _units(simulated, result, details)
    claims = _claims(simulated, result, details)
    cents = _cents(simulated, result)
    details += cents
    wrong = round_trip.faults(result, way, folder) if trip else []
    details += wrong
    return Score(
        simulated.name,
        *units,
        *rows,
        *claims,
        len(cents),
        len(wrong),
        seconds,
        result.verdict,
        tuple(f"{simulated.name}: {d}" for d in details),
    )


def _unread(simulated: Simulated, why: str) -> Score:
    """Nothing is found where the export is refused."""
    numbers = dict.fromkeys(Score._fields, 0)
    values: dict[str, Any] = {
        **numbers,
        "name": simulated.name,
        "units": len(simulated.truth.broken),
        "rows": len(simulated.truth.wrong),
        "trip": 1,
        "verdict": "fault",
        "details": (f"{simulated.name}: {why}",),
    }
    return Score(**values)


def accusing(result: Audit) -> list[Any]:
    """Findings that call a row wrong."""
    return [
        f
        for f in result.findings
        if f.effective_date
        and f.entry_id
        and (f.severity != "info" or f.status == "accepted")
        and f.rule not in WEEK_RULES | {"compensating_counter", "answered_elsewhere"}
    ]


def key(finding: Any) -> Key:  # noqa: ANN401  a finding, of which only names are known here
    """Account, day and amount in cents."""
    return finding.account_id, finding.effective_date, cents_of(finding.amount)


def cents_of(amount: Decimal | None) -> int:
    """An amount in cents."""
    return int((amount or Decimal()).scaleb(2))


def _rows(simulated: Simulated, named: Counter[Key], details: list[str]) -> tuple[int, int, int]:
    left, found = Counter(named), 0
    missed: list[Wrong] = []
    for wrong in simulated.truth.wrong:
        for each in wrong.names:
            if left[each] > 0:
                left[each] -= 1
                found += 1
                break
        else:
            missed.append(wrong)
    false = [k for k in left.elements() if k not in simulated.truth.allowed]
    details += [f"not named: {w.what} {w.key} of {sorted(w.causes)}" for w in missed]
    details += [f"named without cause: {k}" for k in false]
    return len(simulated.truth.wrong), found, len(false)


def _unit(simulated: Simulated, account: str, day: date) -> Unit:
    week = date.fromordinal(day.toordinal() - day.weekday())
    level = simulated.levels.get((account, week), "day")
    return Unit(account, week, day if level == "day" else None)


def _units(simulated: Simulated, result: Audit, details: list[str]) -> tuple[int, int, int, int]:
    truth = simulated.truth
    accused = accusing(result)
    named = {_unit(simulated, f.account_id, f.effective_date) for f in accused}
    named |= {
        Unit(f.account_id, f.week_start, None) for f in result.findings if f.rule in WEEK_RULES
    }
    halves = [w.other_half for w in truth.wrong if w.other_half]
    others = [*truth.allowed, *halves, *(w.key for w in truth.wrong)]
    allowed = {_unit(simulated, account, day) for account, day, _ in others}
    either = {
        _unit(simulated, *w.other_half[:2]): _unit(simulated, *w.key[:2])
        for w in truth.wrong
        if w.other_half
    }
    weeks = {(u.account, u.week) for u in named}
    found = {
        u
        for u in truth.broken
        if u in named
        or either.get(u) in named
        or ((u.account, u.week) in truth.history and (u.account, u.week) in weeks)
    }
    false = named - truth.broken - allowed
    # Half of a pair has no effect where its week was settled with it: the other week is off.
    opened = {
        _unit(simulated, f.account_id, f.effective_date)
        for f in accused
        if f.status == "open" and f.effect
    }
    held = {
        u for u in opened if (u.account, u.week) not in truth.history and not _off(simulated, u)
    }
    details += [f"unit not found: {u}" for u in truth.broken - found]
    details += [f"unit named without cause: {u}" for u in false]
    details += [f"wrongly open: {u}" for u in held]
    return len(truth.broken), len(found), len(false), len(held)


def _off(simulated: Simulated, unit: Unit) -> int:
    """What a unit is off by; of weeks without a settlement nothing can be said."""
    if (unit.account, unit.week) not in {(s.account, s.week) for s in simulated.ledger.settled}:
        return 1
    if unit.day:
        return simulated.truth.day_residuals.get((unit.account, unit.day), 0)
    return simulated.truth.week_residuals.get((unit.account, unit.week), 0)


def _claims(
    simulated: Simulated, result: Audit, details: list[str]
) -> tuple[int, int, int, int, int]:
    causes: dict[Key, set[str]] = defaultdict(set)
    for wrong in simulated.truth.wrong:
        for each in (*wrong.names, *wrong.parts):
            causes[each] |= wrong.causes
    claims = right = hedged = proved = untrue = 0
    for f in accusing(result):
        is_true = f.cause in causes[key(f)]
        is_claim = f.cause != "unknown"
        claims += is_claim
        right += is_claim and is_true
        if f.evidence == "proved" and is_claim:
            proved += 1
            if not is_true or not simulated.system.can_prove:
                untrue += 1
                details.append(f"proved {f.cause} of {key(f)}: true is {sorted(causes[key(f)])}")
        elif is_claim and not is_true and causes[key(f)] & set(f.other_causes):
            hedged += 1
        elif is_claim and not is_true:
            details.append(f"claims {f.cause} of {key(f)}: true is {sorted(causes[key(f)])}")
    return claims, right, hedged, proved, untrue


def _cents(simulated: Simulated, result: Audit) -> list[str]:
    """Where the effects told are not what the ledger is off by."""
    truth = simulated.truth
    settled = Counter((s.account, s.week) for s in simulated.ledger.settled)
    weeks: dict[Place, int] = defaultdict(int)
    days: dict[Place, int] = defaultdict(int)
    told: dict[Place, int] = defaultdict(int)
    for f in result.findings:
        if f.rule == "unbalanced_week":
            told[f.account_id, f.week_start] += cents_of(f.effect)
        if not f.effective_date and f.rule != "settled_amount_mismatch":
            continue
        if f.status in {"open", "pending"}:
            weeks[f.account_id, f.week_start] += cents_of(f.effect)
        if f.effective_date:
            days[f.account_id, f.effective_date] += cents_of(f.effect)
    wrong = [
        f"week {w} is off by {truth.week_residuals.get(w, 0)}, told {told[w]}, open {weeks[w]}"
        for w in {*truth.week_residuals, *told, *weeks}
        if settled[w] == 1 and not truth.week_residuals.get(w, 0) == told[w] == weeks[w]
    ]
    corrected = {(r.account, r.day) for r in simulated.ledger.rows if r.kind == "correction"}
    by_day = {d for d in {*truth.day_residuals, *days} if _is_plain(simulated, d, settled)}
    return wrong + [
        f"day {d} is off by {truth.day_residuals.get(d, 0)}, told {days[d]}"
        for d in by_day - corrected
        if truth.day_residuals.get(d, 0) != days[d]
    ]


def _is_plain(simulated: Simulated, place: Place, settled: Counter[Place]) -> bool:
    """Whether a day's effects can be held to its late rows alone."""
    week = place[1].toordinal() - place[1].weekday()
    where = place[0], date.fromordinal(week)
    is_day = simulated.levels.get(where) == "day"
    return is_day and settled[where] == 1 and where not in simulated.truth.history
