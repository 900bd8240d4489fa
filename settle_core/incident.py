"""One cause from its first to its last bad entry, and how far it reached."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any, NamedTuple

from settle_core import audit, parameter, schema, tally
from settle_core.audit import Audit
from settle_core.correction import Correction
from settle_core.errors import Fault
from settle_core.finding import Finding
from settle_core.timeline import Moment


class Incident(NamedTuple):
    """The breaks of one cause in the order of recording; none if there is nothing to tell."""

    run: Audit
    cause: str
    breaks: tuple[Finding, ...]

    @property
    def currencies(self) -> list[str]:
        """The currencies of the breaks."""
        return sorted({each.currency for each in self.breaks})

    def within(self, currency: str) -> list[Finding]:
        """The breaks in a currency."""
        return [each for each in self.breaks if each.currency == currency]

    @property
    def corrections(self) -> list[Correction]:
        """The proposed entries that answer at least one of the breaks."""
        ids = {each.finding_id for each in self.breaks}
        return [each for each in self.run.corrections if ids & set(each.finding_ids)]


class Reach(NamedTuple):
    """What some of the breaks come to: net is still off, net_all what they put off at first."""

    entries: int
    accounts: int
    weeks: int
    masked: int
    net: Decimal
    net_all: Decimal
    gross: Decimal
    first: datetime | None
    last: datetime | None


def of(export: str, profile: str, cause: str = "", as_of: str = "") -> Incident:
    """Audit an export and take the breaks of one cause out of it.

    Args:
        export: the folder of the exported files.
        profile: a built-in name or a TOML file; empty: the built-in one that fits.
        cause: one of `schema.CAUSES`; empty: the one with the largest gross effect.
        as_of: ISO 8601 instant; empty: the last one in the export.

    Raises:
        Fault: a parameter is no text, or there is no such cause.
    """
    parameter.texts(export=export, cause=cause)
    if cause and cause not in schema.CAUSES:
        known = ", ".join(schema.CAUSES)
        raise Fault("no such cause", where="parameter cause", expected=known, found=repr(cause))
    return take(audit.run(export, profile, as_of=as_of), cause)


def take(run: Audit, cause: str = "") -> Incident:
    """Take the breaks of one cause out of an audit; empty: of that with the largest gross."""
    found = tally.breaks(run.findings)
    sizes: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        sizes[each.cause] += abs(tally.effect(each))
    chosen = cause or max(sorted(sizes), key=sizes.__getitem__, default="")
    ours = [each for each in found if each.cause == chosen]
    return Incident(run, chosen, tuple(sorted(ours, key=_by_clock)))


def _by_clock(finding: Finding) -> tuple[Any, ...]:
    recorded_at = finding.recorded_at or datetime.min  # noqa: DTZ901  instants carry no zone
    return recorded_at, len(finding.entry_id), finding.entry_id


def _still(finding: Finding) -> Decimal:
    """What a break still puts off; zero keeps the decimals of the amount."""
    size = tally.effect(finding)
    return size if finding.status == "open" else size - size


def reach(breaks: Iterable[Finding]) -> Reach:
    """Add up breaks of one currency."""
    found = list(breaks)
    times = [each.recorded_at for each in found if each.recorded_at is not None]
    return Reach(
        entries=len(found),
        accounts=len({each.account_id for each in found}),
        weeks=len({(each.account_id, each.week_start) for each in found}),
        masked=sum(each.status == "masked" for each in found),
        net=sum(map(_still, found), Decimal(0)),
        net_all=sum(map(tally.effect, found), Decimal(0)),
        gross=sum((abs(tally.effect(each)) for each in found), Decimal(0)),
        first=min(times, default=None),
        last=max(times, default=None),
    )


def groups(breaks: Iterable[Finding], key: Callable[[Finding], Any]) -> list[tuple[Any, Reach]]:
    """Add up groups of breaks of one currency, those with the largest gross effect first."""
    found: dict[Any, list[Finding]] = {}
    for each in breaks:
        found.setdefault(key(each), []).append(each)
    reached = [(name, reach(ours)) for name, ours in found.items()]
    return sorted(reached, key=lambda item: -item[1].gross)


def moments(breaks: Iterable[Finding]) -> list[Moment]:
    """Follow net and gross of breaks of one currency in the order of recording."""
    net = gross = Decimal(0)
    found = []
    for each in breaks:
        if each.recorded_at is not None:
            net += _still(each)
            gross += abs(tally.effect(each))
            found.append(Moment(each.recorded_at, net, gross))
    return found


def neighbours(incident: Incident) -> tuple[int, int, int]:
    """Count the counter-entries before the first bad row, from there to the last, and after it."""
    total = reach(incident.breaks)
    query = (files("settle_core") / "sql" / "incident" / "counter.sql").read_text("utf-8")
    given = {"first": total.first, "last": total.last}
    ((before, within, after),) = incident.run.ledger.con.execute(query, given).fetchall()
    return before, within, after
