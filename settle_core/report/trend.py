"""A trend, a piece for each cell: how the control does, what is new, what is resolved."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

from settle_core import formats, notebook, sql
from settle_core.audit import audit, comparison, explain, run_folder
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.files import memory
from settle_core.report import aggregates
from settle_core.report.charts import columns
from settle_core.report.html import (
    Cell,
    Column,
    Html,
    figure,
    join,
    paragraph,
    pill,
    sheet,
    strong,
    table,
)
from settle_core.rules import rule

_DEMONSTRATION: Final = "data/rails/sidekiq_cached"
# Seconds of the minute that was recorded: from before the first late entry to after the last.
_INSTANTS: Final = ("46", "48", "50", "58", "59")
# Echoes of breaks that count already, and what is only told.


class Run(NamedTuple):
    """A run folder, as far as a trend is concerned; instants are UTC."""

    folder: Path
    export: str
    weeks: str
    as_of: datetime
    verdict: str
    breaks: tuple[Finding, ...]
    waits: tuple[float, ...]  # seconds, in ascending order

    def __repr__(self) -> str:
        """Tell which one it is."""
        as_of = self.as_of.isoformat(" ", "seconds")
        return f"<run as of {as_of}: {self.verdict}, {len(self.breaks):,} breaks>"

    @property
    def open(self) -> dict[str, Finding]:
        """The breaks that are open, by their id."""
        return {each.finding_id: each for each in self.breaks if each.status == "open"}

    def exposure(self, currency: str) -> Decimal:
        """Size of all open breaks in a currency, signs ignored."""
        sizes = (abs(aggregates.effect(f)) for f in self.open.values() if f.currency == currency)
        return sum(sizes, Decimal(0))


class Change(NamedTuple):
    """A run, and what is open in it that was not open in the one before."""

    run: Run
    new: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    resolved: tuple[Finding, ...]  # as they were in the run before

    def __repr__(self) -> str:
        """Count them."""
        counts = (f"{len(getattr(self, name)):,} {name}" for name in self._fields[1:])
        return f"<{', '.join(counts)}>"


class Series(NamedTuple):
    """The runs over the same weeks of one export, by the instant that they audited."""

    export: str
    weeks: str
    changes: tuple[Change, ...]

    def __repr__(self) -> str:
        """Count its runs."""
        return f"<series {self.export[:64]!r}: {len(self.changes):,} runs>"

    @property
    def last(self) -> Change:
        """The latest run."""
        return self.changes[-1]

    @property
    def currencies(self) -> list[str]:
        """The currencies of all breaks."""
        return sorted({f.currency for change in self.changes for f in change.run.breaks})


class Trend(NamedTuple):
    """All series in a folder of runs."""

    folder: str
    series: tuple[Series, ...]
    is_demonstration: bool

    def __repr__(self) -> str:
        """Count its series."""
        return f"<trend: {len(self.series):,} series>"


@memory.told()
def read(runs: str, export: str = "") -> Trend:
    """Read a folder of run folders.

    Args:
        runs: the folder; empty: runs made now from a recorded export, to show what a trend is.
        export: the name of one export; empty: all.

    Raises:
        Fault: a parameter is no text, or there is no run to read.
    """
    notebook.texts(runs=runs, export=export)
    if not runs:
        with tempfile.TemporaryDirectory() as folder:
            for instant in _INSTANTS:
                made = audit.run(_DEMONSTRATION, "rails", as_of=f"2026-11-23T09:45:{instant}Z")
                made.write(Path(folder) / instant)
            return Trend("", _series(Path(folder), export), is_demonstration=True)
    return Trend(runs, _series(Path(runs), export), is_demonstration=False)


def _series(folder: Path, export: str) -> tuple[Series, ...]:
    # A name with a dot is a run that is still being written.
    paths = sorted(p.parent for p in folder.glob("[!.]*/manifest.json"))
    found = [_run(path) for path in paths]
    chosen = [run for run in found if run.export == export or not export]
    if not chosen:
        names = ", ".join(sorted({run.export for run in found}))
        raise Fault(
            "no run",
            where=str(folder),
            expected=f"a run of {export}" if found else "run folders, as settle audit writes them",
            found=f"runs of {names}" if found else "none",
            todo="give another export" if found else "run settle audit first, or leave runs empty",
        )
    chosen.sort(key=lambda run: (run.export, run.weeks, run.as_of, run.folder.name))
    groups = groupby(chosen, key=lambda run: (run.export, run.weeks))
    return tuple(Series(*key, tuple(compare(group))) for key, group in groups)


def _run(path: Path) -> Run:
    manifest = run_folder.read(path)
    query = sql.text("report", "trend_wait")
    with duckdb.connect() as con:
        rows = con.execute(query, {"path": str(path / "replay.parquet")}).fetchall()
    return Run(
        folder=path,
        export=Path(manifest["export"]).name,
        weeks=manifest["parameters"]["weeks"],
        as_of=_instant(manifest),
        verdict=manifest["verdict"],
        breaks=tuple(f for f in explain.findings(path) if rule.of(f.rule).is_broken),
        waits=tuple(wait / 1_000_000 for (wait,) in rows),
    )


def _instant(manifest: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(manifest["as_of"]).replace(tzinfo=None)


def compare(runs: Iterable[Run]) -> list[Change]:
    """Compare each run with the one before; in the first, all that is open is new."""
    changes: list[Change] = []
    before: list[Finding] = []
    for run in runs:
        now = list(run.open.values())
        changes.append(Change(run, *comparison.compare(before, now)))
        before = now
    return changes


_ROWS_MOST: Final = 20


def headline(trend: Trend) -> Html:
    """Say for each export what is open now, what is new and what is resolved."""
    made = [sheet(), Html("<h1>Are the breaks getting fewer?</h1>")]
    if trend.is_demonstration:
        said = strong("This is a demonstration.")
        rest = " Its runs were made just now, from a recorded export as of some instants. "
        todo = "Set runs to the folder of your runs."
        made.append(paragraph(said, rest, todo))
    for each in trend.series:
        made.append(paragraph(pill(each.last.run.verdict), " ", _answer(each), kind="answer"))
        made.append(paragraph(_meta(each), kind="meta"))
    return join(*made)


def _answer(series: Series) -> str:
    last = series.last
    now = formats.count(len(last.run.open), "break is", "breaks are")
    if len(series.changes) == 1:
        return f"{series.export}: {now} open. One run, so there is nothing to compare it with."
    return (
        f"{series.export}: {now} open; since the run before, {formats.count(len(last.new))} new, "
        f"{formats.count(len(last.persisting))} persisting, "
        f"{formats.count(len(last.resolved))} resolved."
    )


def _meta(series: Series) -> str:
    first, last = series.changes[0].run, series.last.run
    runs = formats.count(len(series.changes), "run")
    even = sum(change.run.verdict == "reconciled" for change in series.changes)
    weeks = f"weeks {series.weeks}" if series.weeks else "all weeks"
    span = f"as of {formats.instant(last.as_of)}"
    if len(series.changes) > 1:
        span = f"as of {formats.instant(first.as_of)} to {formats.instant(last.as_of)}"
    return f"{runs}, {weeks}, {span}; {formats.count(even)} of them reconciled."


def over_time(trend: Trend) -> Html:
    """Draw the open breaks from run to run."""
    made = []
    for each in trend.series:
        title = (
            f"{formats.brief(each.export, 40)}: open breaks by run, {len(each.last.run.open)} now"
        )
        bars = [
            columns.Run(c.run.as_of, c.run.verdict, len(c.new), len(c.persisting), len(c.resolved))
            for c in each.changes
        ]
        drawn = columns.columns(bars, title).svg
        made.append(figure(drawn, "broad"))
    return join(*made)


def runs(trend: Trend) -> Html:
    """List the runs: verdict, breaks, exposure and how long late entries waited."""
    made = []
    for each in trend.series:
        rows: list[Sequence[Cell]] = [
            [
                f"{formats.day(change.run.as_of)} {formats.clock(change.run.as_of)}",
                pill(change.run.verdict),
                len(change.new),
                len(change.persisting),
                len(change.resolved),
                sum(f.status == "masked" for f in change.run.breaks),
                sum(f.status == "pending" for f in change.run.breaks),
                *(change.run.exposure(currency) for currency in each.currencies),
                *_waits(change.run),
            ]
            for change in each.changes
        ]
        titles = ["as of, UTC", "verdict", "new", "persisting", "resolved", "masked", "pending"]
        titles += [f"exposure, {formats.brief(currency, 12)}" for currency in each.currencies]
        titles += ["half answered in", "99 % in"]
        name = paragraph(strong(formats.brief(each.export, 40)))
        made.append(join(name, table([*map(Column, titles)], rows)))
    note = (
        "Exposure: the size of all open breaks, signs ignored. Answered in: the time from a "
        "late entry to the next counter-entry, on the days that the audit had to replay."
    )
    return join(*made, paragraph(note, kind="note"))


def _waits(run: Run) -> list[Cell]:
    if not run.waits:
        return ["", ""]
    places = (ceil(share * len(run.waits)) - 1 for share in (0.5, 0.99))
    return [formats.span(run.waits[place]) for place in places]


def new(trend: Trend) -> Html:
    """List what is open in the latest run and was not before, the most severe first."""
    return join(*(_list(each, each.last.new, "new") for each in trend.series))


def resolved(trend: Trend) -> Html:
    """List what was open in the run before and is not any more, with what became of it."""
    return join(*(_list(each, each.last.resolved, "resolved") for each in trend.series))


def _list(series: Series, found: Sequence[Finding], word: str) -> Html:
    name = formats.brief(series.export, 40)
    if not found:
        return paragraph(f"{name}: nothing {word} in the latest run.", kind="note")
    now = {f.finding_id: f.status for f in series.last.run.breaks}
    shown = aggregates.biggest(found, _ROWS_MOST)
    accounts = formats.apart([each.account_id for each in shown], 24)
    rows: list[Sequence[Cell]] = [
        [
            each.finding_id[:8],
            accounts[each.account_id],
            each.effective_date or each.week_start,
            formats.brief(each.entry_id, 24),
            formats.words(each.rule),
            formats.words(each.cause),
            each.effect,
            formats.brief(each.currency, 12),
            pill(now.get(each.finding_id, "gone")),
        ]
        for each in shown
    ]
    titles = ("finding", "account", "day", "entry", "rule", "cause", "effect", "currency", "is now")
    which = f"{name}: {formats.count(len(found))} {word}"
    if len(shown) < len(found):
        which += f", the {len(shown)} with the largest effect"
        which += " of each currency in turn" if len({f.currency for f in found}) > 1 else ""
    return join(paragraph(f"{which}:"), table([*map(Column, titles)], rows))
