"""Runs over the same export side by side: which breaks are new, persist or are resolved.

Runs stand in the order of the instant that they audited, not of the day on which they ran. Two runs
are compared only if they are of one export and of the same weeks.
"""

import tempfile
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

from settle_core import audit, evidence, parameter, runfolder, tally
from settle_core.errors import Fault
from settle_core.finding import Finding

_DEMONSTRATION: Final = "data/rails/sidekiq_cached"
# Seconds of the minute that was recorded: from before the first late entry to after the last.
_INSTANTS: Final = ("46", "48", "50", "58", "59")
# Echoes of breaks that count already, and what is only told.
_ECHO: Final = frozenset({"unbalanced_week", "compensating_counter", "slow_counter", "id_gap"})


class Run(NamedTuple):
    """A run folder, as far as a trend is concerned; instants are UTC."""

    folder: Path
    export: str
    weeks: str
    as_of: datetime
    verdict: str
    breaks: tuple[Finding, ...]
    waits: tuple[float, ...]  # seconds, in ascending order

    @property
    def open(self) -> dict[str, Finding]:
        """The breaks that are open, by their id."""
        return {each.finding_id: each for each in self.breaks if each.status == "open"}

    def exposure(self, currency: str) -> Decimal:
        """Size of all open breaks in a currency, signs ignored."""
        sizes = (abs(tally.effect(f)) for f in self.open.values() if f.currency == currency)
        return sum(sizes, Decimal(0))


class Change(NamedTuple):
    """A run, and what is open in it that was not open in the one before."""

    run: Run
    new: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    resolved: tuple[Finding, ...]  # as they were in the run before


class Series(NamedTuple):
    """The runs over the same weeks of one export, by the instant that they audited."""

    export: str
    weeks: str
    changes: tuple[Change, ...]

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


def read(runs: str, export: str = "") -> Trend:
    """Read a folder of run folders.

    Args:
        runs: the folder; empty: runs made now from a recorded export, to show what a trend is.
        export: the name of one export; empty: all.

    Raises:
        Fault: a parameter is no text, or there is no run to read.
    """
    parameter.texts(runs=runs, export=export)
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
    manifest = evidence.read(path)
    query = (files("settle_core") / "sql" / "trend" / "wait.sql").read_text("utf-8")
    with duckdb.connect() as con:
        rows = con.execute(query, {"path": str(path / "replay.parquet")}).fetchall()
    return Run(
        folder=path,
        export=Path(manifest["export"]).name,
        weeks=manifest["parameters"]["weeks"],
        as_of=_instant(manifest),
        verdict=manifest["verdict"],
        breaks=tuple(f for f in runfolder.findings(path) if f.rule not in _ECHO),
        waits=tuple(wait / 1_000_000 for (wait,) in rows),
    )


def _instant(manifest: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(manifest["as_of"]).replace(tzinfo=None)


def compare(runs: Iterable[Run]) -> list[Change]:
    """Compare each run with the one before; in the first, all that is open is new."""
    changes: list[Change] = []
    before: dict[str, Finding] = {}
    for run in runs:
        now = run.open
        changes.append(
            Change(
                run=run,
                new=tuple(f for key, f in now.items() if key not in before),
                persisting=tuple(f for key, f in now.items() if key in before),
                resolved=tuple(f for key, f in before.items() if key not in now),
            )
        )
        before = now
    return changes
