"""The logs of an audit: read near the days that are not plain, judged, and kept as evidence."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from settle_core import sql
from settle_core.exports.arrays import tables
from settle_core.exports.arrays.tables import TEXT, WHOLE
from settle_core.exports.reading.ledger import Ledger
from settle_core.logs.joined import by_entry, snapshots, zones
from settle_core.logs.joined.joining import LateRow, Names
from settle_core.logs.joined.view import SERVER, View
from settle_core.logs.lines import runs, yearless
from settle_core.logs.lines.model import Found, Place
from settle_core.logs.lines.redaction import redacted
from settle_core.logs.lines.yearless import Dating
from settle_core.logs.proofs import contradictions, judging, lost, proved_causes, told_tables
from settle_core.logs.proofs.proved_causes import Cited, Verdict
from settle_core.logs.scanned import files, scan
from settle_core.logs.scanned.thinning import Thinning
from settle_core.reconcile.search.model import Explanation, Row

if TYPE_CHECKING:
    from settle_core.logs.lines.runs import Run
    from settle_core.logs.proofs.contradictions import Contradiction
    from settle_core.logs.proofs.judging import Told

FILE: Final = "evidence.jsonl"
# How long before and after a late row a log is looked at.
MARGIN_US: Final = 900_000_000
HOUR_US: Final = 3_600_000_000


class Evidence:
    """What the logs tell; a `model.Witness` of the replay."""

    def __init__(
        self, ledger: Ledger, paths: Sequence[str], log_prefix: str = "", zone: str = ""
    ) -> None:
        """Read the logs near the rows that they may tell something of.

        Args:
            ledger: after the steps of `reconcile.steps`.
            paths: the log files.
            log_prefix: PostgreSQL's `log_line_prefix`, where its log is plain text.
            zone: of times without one; empty: the profile's.
        """
        self.ledger = ledger
        self.paths = tuple(dict.fromkeys(paths))
        self.verdicts: dict[str, Verdict] = {}
        self._told: dict[str, tuple[View, Told, dict[str, Told]]] = {}
        names = Names.of(ledger.profile)
        needed = self._rows("needed_row")
        windows = scan.windows((row.recorded_us for row in needed), MARGIN_US)
        readers = files.readers(log_prefix)
        zone = zone or ledger.profile.clock.zone
        dating = yearless.dating(windows, zone) or self._dating(needed, zone)
        recognised = files.recognise(self.paths, readers, dating)
        self._files = {file.path: file for file in recognised}
        rows = self._near(windows) if windows else []
        thinning = Thinning(names, rows)
        is_known = False
        while not is_known:
            self.found, self.sources = scan.read(recognised, windows, zone, readers, thinning)
            is_known = not thinning.is_amiss
            thinning.again()
        events = [event for each in self.found for event in each.events]
        last_us = max((each.last_us for each in self.found), default=0)
        self.runs: dict[str, list[Run]] = runs.runs_of(events, last_us)
        self.views = [
            View(" and ".join(sorted({f.kind for f in found})), found, rows, names, self.runs)
            for found in _sides(self.found)
        ]
        ahead = zones.align(self.views, self.found)
        for source in self.sources:
            ahead_us = ahead.get(self._files[str(source["path"])].group, 0)
            source["hours_ahead"] = round(4 * ahead_us / HOUR_US) / 4
        for view in self.views:
            jobs = {each.job for each in view.written.values() if each.row.is_counter} - {""}
            view.run_faults += runs.faults(self.found, view.runs, jobs)
            view.faults += zones.changes(view)
            view.torn_us = lost.torn(view)
            view.answers_else = by_entry.answers_else(view)
        self.contradictions: list[Contradiction] = []
        told_tables.create(ledger.con, self.views, self.runs, self.paths)

    def _rows(self, name: str) -> list[LateRow]:
        parameters: dict[str, object] = {"minor_per_major": 10**self.ledger.scale}
        rows = self.ledger.con.execute(sql.text("logs", name), parameters).fetchall()
        return [LateRow(*row) for row in rows]

    def _dating(self, needed: Sequence[LateRow], zone: str) -> Dating | None:
        """How lines without a year are dated by the weeks that are told, where all do not tell."""
        weeks = {week for (week,) in self.ledger.con.table("week_total")["week_start"].fetchall()}
        told = (row.recorded_us for row in needed if row.week in weeks)
        return yearless.dating(scan.windows(told, MARGIN_US), zone)

    def _near(self, windows: Sequence[tuple[int, int]]) -> list[LateRow]:
        table = tables.of_rows(windows, from_us=WHOLE, to_us=WHOLE)
        with tables.registered(self.ledger.con, log_window=table):
            return self._rows("near_row")

    def choose(self, days: Sequence[Sequence[Row]], start: int) -> tuple[str, str] | None:
        """The level and policy that the logs show for a week's late rows, None if they do not."""
        for rows in days:
            if self.explain(rows, "day", 0) is not None:
                return "day", self._policy(rows)
        every = [row for rows in days for row in rows]
        if self.explain(every, "week", start) is not None:
            return "week", self._policy(every)
        return None

    def _policy(self, rows: Sequence[Row]) -> str:
        told = next(self._told[r.entry_id][1] for r in rows if r.entry_id in self._told)
        return "sum" if told.reading.line is not None else "delta"

    def explain(self, rows: Sequence[Row], level: str, start: int) -> Explanation | None:
        """The explanation of a unit by the first view that tells enough; see `judging.explain`."""
        for view in self.views:
            result = judging.explain(view, rows, level, start)
            if result is not None:
                explanation, told = result
                for entry_id, each in told.items():
                    self._told[entry_id] = view, each, told
                return explanation
        return None

    def settle(self) -> None:
        """Write what the logs tell of causes into the table `replay`."""
        for view, told, _ in self._told.values():
            view.told += 1
            view.unread += told.reading.is_unread
            view.ways[told.reading.between] += 1
            if told.reading.real is not None:
                view.depth = max(view.depth, snapshots.depth(view, told.reading.real))
        for entry_id, (_, told, _) in self._told.items():
            if told.role == "wrong":
                self._keep(entry_id, self._of_counter(entry_id))
        parameters: dict[str, object] = {"minor_per_major": 10**self.ledger.scale}
        rows = self.ledger.con.execute(sql.text("logs", "uncountered"), parameters).fetchall()
        for entry_id, group in groupby(rows, key=lambda row: row[0]):
            unit = list(group)
            start = unit[0][6] if unit[0][5] == "week" else 0
            self._keep(
                entry_id,
                self._of_entry(
                    entry_id, [Row(row[1], row[2], row[3], row[4], 0) for row in unit], start
                ),
            )
        causes_told = [
            (i, v.cause, v.evidence, ",".join(v.other_causes), sentence(v))
            for i, v in self.verdicts.items()
        ]
        wrong = self.ledger.con.execute(sql.text("logs", "judged_counter")).fetchall()
        silent = [i for (i,) in wrong if i not in self.verdicts]
        causes_told += [(i, "", "", "", self._silence(i)) for i in silent]
        columns = ["entry_id", "cause", "evidence", "other_causes", "sentence"]
        self.contradictions = [c for v in self.views for c in contradictions.of(v, self.ledger)]
        contradictions.create(self.ledger, self.contradictions)
        table = tables.of_rows(causes_told, **dict.fromkeys(columns, TEXT))
        with tables.registered(self.ledger.con, log_cause=table):
            self.ledger.con.execute(sql.text("logs", "settle"))

    def _keep(self, entry_id: str, verdict: Verdict | None) -> None:
        if verdict is not None:
            self.verdicts[entry_id] = verdict

    def _of_counter(self, entry_id: str) -> Verdict | None:
        view, told, unit = self._told[entry_id]
        return proved_causes.of_counter(view, told, unit)

    def _of_entry(self, entry_id: str, unit: Sequence[Row], start: int) -> Verdict | None:
        row = next(each for each in unit if each.entry_id == entry_id)
        best: Verdict | None = None
        for view in self.views:
            is_told = all(r.entry_id in self._told for r in unit if r.is_counter)
            verdict = lost.of_entry(view, row, unit, start, is_told=is_told)
            if verdict is not None and (best is None or best.evidence != "proved"):
                best = verdict
        return best

    def _silence(self, entry_id: str) -> str:
        """Why the logs do not tell a cause."""
        doubts = [proved_causes.silence(view, entry_id) for view in self.views]
        return (
            f"The logs do not tell why: {'; '.join(dict.fromkeys(doubts)) or 'they hold no SQL'}."
        )

    def _jobs(self, places: Collection[Place]) -> dict[Place, str]:
        """The jobs whose lines some are, as far as the log says."""
        jobs: dict[Place, str] = {}
        for view in self.views:
            for statement in view.statements:
                if statement.place in places:
                    job = statement.job or next((w.job for w in view.writes[id(statement)]), "")
                    jobs[statement.place] = job or statement.context.rpartition("|")[2]
        events = (e for each in self.found for e in each.events)
        return jobs | {e.place: e.job for e in events if e.place in places}

    @cached_property
    def kept(self) -> list[dict[str, Any]]:
        """What `lines` gives, read once."""
        return list(self.lines())

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines that prove something: file, line, offset, hash, and the redacted text."""
        told = [(i, verdict.cited) for i, verdict in sorted(self.verdicts.items())]
        told += [
            (each.entry_id, (Cited(each.place, "INSERT that the ledger contradicts"),))
            for each in self.contradictions
            if each.place is not None
        ]
        wanted: defaultdict[int, set[Place]] = defaultdict(set)
        for _, lines in told:
            for cited in lines:
                wanted[cited.place.file].add(cited.place)
        jobs = self._jobs(set().union(*wanted.values()))
        raw = {p: r for f, places in wanted.items() for p, r in scan.fetch(self.paths[f], places)}
        for entry_id, lines in told:
            for cited in lines:
                line = raw[cited.place]
                yield {
                    "entry_id": entry_id,
                    "label": cited.label,
                    "kind": _kind(cited.label),
                    "job_id": jobs.get(cited.place, ""),
                    "at": _time(line),
                    "file": self.paths[cited.place.file],
                    "line": cited.place.line,
                    "offset": cited.place.offset,
                    "bytes": cited.place.length,
                    "sha256": hashlib.sha256(line).hexdigest(),
                    "text": redacted(self._written(self.paths[cited.place.file], line)),
                }

    def _written(self, path: str, line: bytes) -> str:
        """A line without what was put around it, and so without the names of hosts."""
        text = line.decode("utf-8", "replace")
        opened = self._files[path].opened(text.rstrip("\r\n"))
        return opened.text if opened else text

    def write(self, folder: Path) -> None:
        """Write `evidence.jsonl` into a run folder."""
        with (folder / FILE).open("w", encoding="utf-8") as file:
            for line in self.kept:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    @property
    def doubts(self) -> list[str]:
        """Why nothing can be proved from a log at all, or nothing of runs."""
        return sorted({d for v in self.views for d in (*v.faults, *v.run_faults)})

    def as_dict(self) -> dict[str, object]:
        """What was read and what it told, for the manifest."""
        told: defaultdict[str, int] = defaultdict(int)
        for verdict in self.verdicts.values():
            told[f"{verdict.cause} {verdict.evidence}"] += 1
        return {
            "files": self.sources,
            "doubts": self.doubts,
            "causes": dict(sorted(told.items())),
        }


def _kind(label: str) -> str:
    """What a cited line is in a picture."""
    words = {"answered": "cache", "read": "read", "commit": "commit", "counter-entry": "insert"}
    return words.get(label.split(" ", 1)[0], "insert" if label.startswith("late") else "other")


def _time(line: bytes) -> str:
    """The time of day of a line, as it stands in it."""
    found = re.search(rb"\d\d:\d\d:\d\d(?:[.,]\d+)?", line)
    return found.group().decode("ascii") if found else ""


def kept(folder: Path) -> list[dict[str, Any]]:
    """The lines of logs that a run folder holds; none of a run without logs."""
    path = folder / FILE
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def changed(folder: Path) -> tuple[list[dict[str, Any]], int, list[str]]:
    """Hold the kept lines of a run against the logs, where these are still there.

    Returns:
        The lines that are not as they were, how many are, and the logs that are gone.
    """
    lines = kept(folder)
    by_file: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        by_file[line["file"]].append(line)
    differing: list[dict[str, Any]] = []
    gone: list[str] = []
    held = 0
    for path, told in by_file.items():
        if not Path(path).is_file():
            gone.append(path)
            continue
        places = {Place(0, t["line"], t["offset"], t["bytes"]) for t in told}
        raw = dict(scan.fetch(path, places))
        for each in told:
            there = raw[Place(0, each["line"], each["offset"], each["bytes"])]
            is_same = hashlib.sha256(there).hexdigest() == each["sha256"]
            held += is_same
            differing += [] if is_same else [each]
    return differing, held, gone


def sentence(verdict: Verdict) -> str:
    """What the log says of a cause, as a sentence, with what keeps it from being proved."""
    text = f"By the log, {verdict.why}."
    if verdict.doubts:
        text += f" Not proved: {'; '.join(verdict.doubts)}."
    return text


def _sides(found: Sequence[Found]) -> list[list[Found]]:
    """The logs of the application's side and those of the database's, each with statements."""
    told = [each for each in found if each.statements]
    sides = [f for f in told if f.kind not in SERVER], [f for f in told if f.kind in SERVER]
    if not any(sides):
        return [[each] for each in found if each.kind not in {"Sidekiq", "Celery"}]
    return [side for side in sides if side]
