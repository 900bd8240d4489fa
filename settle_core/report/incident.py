"""An incident, a piece for each cell: since when, by which jobs, which weeks and accounts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from settle_core import contract, formats, notebook, sql
from settle_core.audit import audit
from settle_core.audit.audit import Audit
from settle_core.audit.correction import Correction
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.files import memory
from settle_core.report import aggregates, narrative
from settle_core.report.charts import bars, zoom
from settle_core.report.charts.timeline import Moment, residual_over_time
from settle_core.report.charts.zoom import Zoomed
from settle_core.report.html import (
    Cell,
    Column,
    Html,
    figure,
    join,
    paragraph,
    pill,
    sheet,
    table,
    tiles,
)


class Incident(NamedTuple):
    """The breaks of one cause in the order of recording; none if there is nothing to tell."""

    run: Audit
    cause: str
    breaks: tuple[Finding, ...]

    def __repr__(self) -> str:
        """Tell which one it is."""
        return f"<incident {self.cause or 'none'}: {len(self.breaks):,} breaks>"

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


@memory.told()
def of(export: str, profile: str, cause: str = "", as_of: str = "") -> Incident:
    """Audit an export and take the breaks of one cause out of it.

    Args:
        export: the folder of the exported files.
        profile: a built-in name or a TOML file; empty: the built-in one that fits.
        cause: one of `contract.CAUSES`; empty: the one with the largest gross effect, in several
            currencies that with most breaks.
        as_of: ISO 8601 instant; empty: the last one in the export.

    Raises:
        Fault: a parameter is no text, or there is no such cause.
    """
    notebook.texts(export=export, cause=cause)
    if cause and cause not in contract.CAUSES:
        known = ", ".join(contract.CAUSES)
        raise Fault("no such cause", where="parameter cause", expected=known, found=repr(cause))
    return take(audit.run(export, profile, as_of=as_of), cause)


def take(run: Audit, cause: str = "") -> Incident:
    """Take the breaks of one cause out of an audit; empty: of that with the largest gross.

    Amounts of several currencies do not add up: in these it is the cause with most breaks.
    """
    found = aggregates.breaks(run.findings)
    is_one = len({each.currency for each in found}) == 1
    sizes: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        sizes[each.cause] += abs(aggregates.effect(each)) if is_one else 1
    chosen = cause or max(sorted(sizes), key=sizes.__getitem__, default="")
    ours = [each for each in found if each.cause == chosen]
    return Incident(run, chosen, tuple(sorted(ours, key=_by_clock)))


def _by_clock(finding: Finding) -> tuple[Any, ...]:
    recorded_at = finding.recorded_at or datetime.min  # noqa: DTZ901  instants carry no zone
    return recorded_at, len(finding.entry_id), finding.entry_id


def _still(finding: Finding) -> Decimal:
    """What a break still puts off; zero keeps the decimals of the amount."""
    size = aggregates.effect(finding)
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
        net_all=sum(map(aggregates.effect, found), Decimal(0)),
        gross=sum((abs(aggregates.effect(each)) for each in found), Decimal(0)),
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
            gross += abs(aggregates.effect(each))
            found.append(Moment(each.recorded_at, net, gross))
    return found


def neighbours(incident: Incident) -> tuple[int, int, int]:
    """Count the counter-entries before the first bad row, from there to the last, and after it."""
    total = reach(incident.breaks)
    query = sql.text("report", "incident_counter")
    given = {"first": total.first, "last": total.last}
    ((before, within, after),) = incident.run.ledger.con.execute(query, given).fetchall()
    return before, within, after


_ROWS_MOST: Final = 20


def headline(incident: Incident) -> Html:
    """Name the incident and say in one line what it did."""
    run = incident.run
    name = formats.words(incident.cause or "any incident")
    meta = f"Export {run.export_name}, as of {formats.instant(run.as_of)}."
    title = Html(f"<h1>{join(f'What did {name} touch?').text}</h1>")
    word = pill(run.verdict)
    foot = join(paragraph(meta, kind="meta"), paragraph(narrative.agreement(run), kind="note"))
    if not incident.breaks:
        none = narrative.none(run, f"Nothing: no break has the cause {name}")
        if not incident.cause:
            none = narrative.none(run, "Nothing: no wrong or missing counter-entry")
        return join(sheet(), title, paragraph(word, " ", none, kind="answer"), foot)
    entries = formats.count(len(incident.breaks), "break")
    weeks = {(each.account_id, each.currency, each.week_start) for each in incident.breaks}
    accounts = formats.count(len({each.account_id for each in incident.breaks}), "account")
    said = f"{entries} in {formats.count(len(weeks), 'settled week')} of {accounts}"
    meaning = narrative.CAUSES.get(incident.cause, "")
    answer = paragraph(word, f" {said}: {meaning}.", kind="answer")
    return join(sheet(), title, answer, foot)


def figures(incident: Incident) -> Html:
    """Give net, gross, entries, jobs and what is masked, for each currency."""
    made = []
    for currency in incident.currencies:
        ours = [each for each in incident.breaks if each.currency == currency]
        total = reach(ours)
        jobs = len({each.job_id for each in ours if each.job_id})
        unit = f", {formats.brief(currency, 12)}"
        items = [
            ([formats.amount(total.net)], f"still off, net{unit}", "bad" if total.net else ""),
            ([formats.amount(total.gross)], f"gross, masked included{unit}", ""),
            ([formats.count(total.entries)], "breaks", ""),
            ([formats.count(total.masked)], "of these masked", "amber" if total.masked else ""),
            ([formats.count(jobs)], "jobs", ""),
            ([formats.count(total.accounts)], "accounts", ""),
        ]
        made.append(tiles(items))
    return join(*made)


def since(incident: Incident) -> Html:
    """Say since when until when, and how many counter-entries of that time were touched."""
    timed = [each for each in incident.breaks if each.recorded_at is not None]
    total = reach(timed)
    if total.first is None or total.last is None:
        return _none(incident)
    rows: list[list[Cell]] = [
        [
            name,
            each.recorded_at,
            formats.brief(each.entry_id, 24),
            formats.brief(each.account_id, 24),
            each.effective_date or each.week_start,
            each.effect,
            formats.brief(each.currency, 12),
            formats.brief(each.job_id, 12),
        ]
        for name, each in (("first bad", timed[0]), ("last bad", timed[-1]))
    ]
    before, within, after = neighbours(incident)
    wrong = len(aggregates.wrong_counters(timed))
    said = (
        f"From the first to the last: {formats.span((total.last - total.first).total_seconds())}. "
        f"In that time {formats.count(within, 'counter-entry was', 'counter-entries were')} "
        f"recorded, {formats.count(wrong)} of them wrong by this cause; "
        f"{formats.count(before)} came before and {formats.count(after)} after."
    )
    titles = ("", "recorded at", "entry", "account", "for the day", "effect", "currency", "job")
    return join(table([*map(Column, titles)], rows), paragraph(said))


def _none(incident: Incident) -> Html:
    return paragraph(narrative.none(incident.run, "No break to tell of"), kind="note")


def jobs(incident: Incident) -> Html:
    """Show which jobs are behind it, and how many are behind more than one break."""
    if not incident.breaks:
        return _none(incident)
    made: list[Html] = []
    for currency in incident.currencies:
        ours = groups(incident.within(currency), lambda each: each.job_id)
        rows = [(job or None, each.entries, each.net_all) for job, each in ours]
        made.append(figure(bars.by_job(rows, currency).svg, "chart"))
        again = sum(each.entries > 1 for job, each in ours if job)
        said = f"{formats.count(again, 'job is', 'jobs are')} behind more than one break."
        made.append(paragraph(said, kind="note"))
    return join(*made)


def over_time(incident: Incident) -> Html | Zoomed:
    """Show how it built up; what a later counter-entry took back counts in gross alone.

    One chart alone can be moved and enlarged in JupyterLab.
    """
    shown = {each: moments(incident.within(each)) for each in incident.currencies}
    drawn = {each: residual_over_time(found, each).svg for each, found in shown.items() if found}
    if len(drawn) == 1:
        ((currency, svg),) = drawn.items()
        found = shown[currency]
        if found[0][0] < found[-1][0]:
            return zoom.over_time(svg, found, currency)
    charts = [figure(svg, "broad") for svg in drawn.values()]
    return join(*charts) if charts else _none(incident)


def weeks(incident: Incident) -> Html:
    """List the weeks that it reached, over all accounts."""
    return _groups(incident, "week beginning", "week_start", "accounts")


def accounts(incident: Incident) -> Html:
    """List the accounts that it reached, the most affected first."""
    return _groups(incident, "account", "account_id", "weeks")


def _groups(incident: Incident, title: str, field: str, other: str) -> Html:
    if not incident.breaks:
        return _none(incident)
    units = incident.currencies
    unit = f", {formats.brief(units[0], 12)}" if len(units) == 1 else ""
    rows: list[list[Cell]] = []
    hidden = 0
    for currency in incident.currencies:
        found = groups(incident.within(currency), lambda each: getattr(each, field))
        hidden += max(len(found) - _ROWS_MOST, 0)
        shown = found[:_ROWS_MOST]
        if field == "week_start":
            shown.sort()
        own = [] if unit else [formats.brief(currency, 12)]
        names = formats.apart([name for name, _ in shown if isinstance(name, str)], 24)
        rows += [
            _row(names.get(name, name), each, getattr(each, other), own) for name, each in shown
        ]
    titles = [title, "breaks", other, "masked", f"still off, net{unit}", f"gross{unit}"]
    titles += [] if unit else ["currency"]
    columns = [Column(each) for each in [*titles, "first recorded, UTC", "last recorded, UTC"]]
    note = f"And {formats.count(hidden)} more with smaller effects." if hidden else ""
    return join(table(columns, rows), paragraph(note, kind="note") if note else "")


def _row(name: Cell, each: Reach, others: int, unit: Sequence[str]) -> list[Cell]:
    counts: list[Cell] = [name, each.entries, others, each.masked]
    return [*counts, each.net, each.gross, *unit, *map(_instant, (each.first, each.last))]


def _instant(at: datetime | None) -> str:
    return f"{formats.day(at)} {formats.clock(at)}" if at else ""


def evidence(incident: Incident) -> Html:
    """Say by which rules it was found, how sure its cause is, and the first explanation of each."""
    rows: list[list[Cell]] = []
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in incident.breaks:
        key = each.rule, each.evidence, each.status
        found.setdefault(key, []).append(each.explanation)
    for (rule, sure, status), said in sorted(found.items(), key=lambda item: -len(item[1])):
        rows.append([formats.words(rule), sure, pill(status), len(said), formats.prose(said[0])])
    titles = [Column(each) for each in ("rule", "evidence", "status", "breaks")]
    columns = [*titles, Column("the first of them", is_wide=True)]
    return table(columns, rows) if rows else _none(incident)


def put_right(incident: Incident) -> Html:
    """Say how many entries are proposed to put it right, and what they come to."""
    proposed = incident.corrections
    if not proposed:
        return paragraph(narrative.none(incident.run, "No correction is proposed for this"))
    sums = [
        f"{formats.signed(total)} {formats.brief(currency, 12)}"
        for currency in incident.currencies
        if (total := sum(each.amount for each in proposed if each.currency == currency))
    ]
    count = formats.count(len(proposed), "entry is", "entries are")
    said = f"{count} proposed, {', '.join(sums)} in all. Mend the cause before posting them."
    return paragraph(said)
