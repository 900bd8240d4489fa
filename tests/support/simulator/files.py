"""A simulated ledger as an export: the files that an analyst would get, and the profile."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.clock import World
from simulator.ledger import Ledger, Row
from simulator.system import System
from simulator.traffic import Traffic, simulate
from simulator.truth import Truth, truth_of

HEAD = ("entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at")
JOB_CLASS = "Ledger::BalanceWorker"


class Simulated(NamedTuple):
    """A simulated export and what is true of it.

    Attributes:
        system: how it works.
        seed: of its lots.
        ledger: as the simulation left it.
        truth: what is wrong.
        levels: of balancing, by account and week.
        ids: of each row number, as exported.
    """

    system: System
    seed: int
    ledger: Ledger
    truth: Truth
    levels: dict[tuple[str, date], str]
    ids: dict[int, str]

    @property
    def name(self) -> str:
        """Kind and seed."""
        return f"{self.system.name}-{self.seed}"

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write export and profile (and the export before); returns their paths."""
        export = folder / "export"
        export.mkdir(parents=True)
        rows = [r for r in self.ledger.rows if r.committed is not None and not r.removed]
        self._entries(export / "entries.csv", rows, as_found=True)
        self._settlements(export / "settlements.csv")
        if self.system.previous:
            (folder / "before").mkdir()
            at = self.system.earlier
            known = [r for r in self.ledger.rows if r.committed is not None and r.committed <= at]
            self._entries(folder / "before" / "entries.csv", known, as_found=False)
            self._settlements(folder / "before" / "settlements.csv")
        profile = folder / "profile.toml"
        profile.write_text(self.profile(), "utf-8")
        return export, profile

    def profile(self) -> str:
        """How the export is to be read: as canonical, but for what this system needs said."""
        text = 'entries.file = "entries.*"\nsettlements.file = "settlements.*"\n'
        if self.system.zone:
            text += f'clock.zone = "{self.system.zone}"\n'
        return text + self.system.profile

    def _entries(self, path: Path, rows: Sequence[Row], *, as_found: bool) -> None:
        system = self.system
        names = [*HEAD]
        if system.job_column != "none":
            names.append("job_id")
        names += [n for n in ("attempt", "answers", "run_id") if n in system.columns]
        names += ["observed", "last_seen"] if "observed" in system.columns else []
        records = []
        for row in sorted(rows, key=lambda r: self._order(r.number)):
            account, day, amount = row.stands if as_found else (row.account, row.day, row.amount)
            values = (self.ids[row.number], account, str(day), money(amount), row.kind)
            record = dict(zip(HEAD, (*values, self.instant(row.stamped)), strict=True))
            written = row.kind == "counter" and bool(row.job)
            record["job_id"] = self._job(row)
            record["attempt"] = str(row.attempt) if written else ""
            record["answers"] = self.ids[row.answers] if row.answers else ""
            record["run_id"] = row.run if row.job else ""
            record["observed"] = "" if row.observed is None else money(self._observed(row))
            record["last_seen"] = self.ids[row.last_seen] if row.last_seen else ""
            records.append([record[n] for n in names])
        _csv(path, names, records)

    def _order(self, number: int) -> tuple[int, str]:
        text = self.ids[number]
        return (int(text), "") if text.isdigit() else (0, text)

    def _observed(self, row: Row) -> int:
        """The week's sum as its writer saw it: what it was settled at, and what it is off by."""
        settled = {(s.account, s.week): s.amount for s in self.ledger.settled}
        return settled[row.account, row.week] + (row.observed or 0)

    def _job(self, row: Row) -> str:
        how = self.system.job_column
        if how == "NULL":
            return "NULL"
        if how == "host":
            return f"worker-{row.server % 2}"
        if how == "class":
            return JOB_CLASS if row.kind == "counter" else ""
        return row.run if how == "run" and row.job else row.job

    def instant(self, at: int) -> str:
        """An instant as this system exports it."""
        zone = self.system.zone
        start = datetime.combine(self.system.first, datetime.min.time(), UTC)
        when = start + timedelta(microseconds=at)
        if zone:
            return f"{when.astimezone(ZoneInfo(zone)).replace(tzinfo=None):%Y-%m-%dT%H:%M:%S.%f}"
        return f"{when:%Y-%m-%dT%H:%M:%S.%f}Z"

    def _settlements(self, path: Path) -> None:
        names = ("account_id", "week_start", "settled_amount", "settled_at")
        rows = [
            (s.account, str(s.week), money(s.amount), self.instant(s.stamped))
            for s in self.ledger.settled
        ]
        _csv(path, names, rows)


def money(cents: int) -> str:
    """Cents as major units."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def build(system: System, seed: int) -> Simulated:
    """Let a system work, and derive the truth."""
    world = simulate(system, seed)
    traffic = Traffic(world, system)
    systems = {(a, w): traffic.of(a, w) for a in traffic.accounts for w in traffic.weeks}
    truth = truth_of(world.ledger, systems)
    levels = {where: of.level for where, of in systems.items()}
    return Simulated(system, seed, world.ledger, truth, levels, _ids(world, system, seed))


def _ids(world: World, system: System, seed: int) -> dict[int, str]:
    lots = Random(seed)  # noqa: S311  lots, not secrets
    if system.ids == "text":
        return {r.number: f"{lots.randrange(16**12):012x}-e" for r in world.ledger.rows}
    if system.ids == "blocks":
        free = 0
        places: dict[int, Iterator[int]] = {}
        names: dict[int, str] = {}
        for row in world.ledger.rows:
            place = next(places.get(row.server, iter(())), None)
            if place is None:  # the server takes the next twenty ids
                places[row.server] = iter(range(free + 2, free + 21))
                place, free = free + 1, free + 20
            names[row.number] = str(place)
        return names
    return {r.number: str(r.number) for r in world.ledger.rows}


def _csv(path: Path, names: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
