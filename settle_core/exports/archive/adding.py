"""An export added to an archive: a part for each week of each table, and a version that names them.

Parts that are there already are not written again. All is written aside and given its name when it
is whole, and the version comes last, so that an archive is at each moment what it was or what it is
to be.
"""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from settle_core import __version__, errors, sql, staging
from settle_core.errors import Fault
from settle_core.exports.archive import archive, checked, version_rows
from settle_core.exports.archive.archive import KEPT, TABLES, Held, Read, Version
from settle_core.exports.archive.weeks import Total, Weeks
from settle_core.exports.arrays import week_passes
from settle_core.exports.checks import agreement
from settle_core.exports.files import scan
from settle_core.exports.profiles import asked_weeks
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.ledger import Ledger


class Archived(NamedTuple):
    """What became of an export.

    Attributes:
        archive: its folder.
        version: the newest one, and whether it `is_new`.
        weeks: how many it has, with so many `entries` and `settlements`.
        added: how many parts were written, and how many were there (`kept`).
        gone: weeks of the version before that are in this one no more; their parts stay.
        passes: of how many weeks an audit need not read the rows again.
        left_out: rows of weeks that were not asked for.
    """

    archive: str
    version: int
    is_new: bool
    weeks: int
    entries: int
    settlements: int
    added: int
    kept: int
    gone: int
    passes: int
    left_out: int


def add(export: str | Path, into: str | Path, profile: Profile, weeks: str = "") -> Archived:
    """Add an export to an archive, which is made if it is not there.

    Args:
        export: the folder of the exported files.
        into: the archive's folder.
        profile: how the export is read.
        weeks: `FROM:TO`: only these are taken, and the archive's other weeks stay as they are;
            empty: the export is whole, and the new version is all of it and nothing else.

    Raises:
        Fault: the export cannot be read or is not whole, or `into` holds something else.
    """
    asked_weeks.demand_whole(weeks, profile)
    into = Path(into)
    before = _before(into)
    todo = "mend the export, or the profile: nothing is archived of a part of it"
    ledger = checked.read_whole(export, profile, todo, is_all=True)
    with errors.writing(into), staging.aside(into) as aside:
        return _Adding(ledger, into, aside, weeks, before).run()


def _before(into: Path) -> Version | None:
    """The newest version of an archive; None if nothing is there yet."""
    if into.is_dir() and archive.is_archive(into):
        return archive.load(into)
    ours = (*TABLES, KEPT)  # left by a run that was stopped before its version was written
    if into.exists() and (
        not into.is_dir()
        or any(not staging.is_aside(each) and each.name not in ours for each in into.iterdir())
    ):
        raise Fault(
            "the folder holds something else",
            where=str(into),
            expected="an archive, or a folder that does not exist yet",
            todo="choose another --into",
        )
    return None


class _Adding:
    """One export on its way into an archive."""

    def __init__(
        self, ledger: Ledger, into: Path, aside: Path, weeks: str, before: Version | None
    ) -> None:
        self.ledger, self.into, self.aside = ledger, into, aside
        self.asked, self.before = weeks, before
        self.wanted = asked_weeks.read(weeks)
        self.was = {table: before.of(table) if before else {} for table in (*TABLES, KEPT)}
        self.placed: dict[str, Path] = {}  # what was written aside, by the name it is to get
        self.weeks = Weeks(ledger, *self.wanted)

    def run(self) -> Archived:
        """Write the parts, then the version. Raises Fault."""
        columns = self.weeks.columns
        if self.asked and self.before:
            columns = self._demand_alike(self.before)
        parts = [
            self._part(table, week, found)
            for table in TABLES
            for week, found in self.weeks.totals[table].items()
        ]
        if not parts:
            found = self.asked or "no rows"
            raise Fault("nothing to archive", where=str(self.ledger.inputs[0].path), found=found)
        parts += self._kept_weeks()
        files = sorted(parts + self._passes(parts), key=lambda held: (held.table, held.week))
        version = self._version(columns, tuple(files))
        if self.asked:
            self._demand_unique(version)
        is_new = self.before is None or _content(version) != _content(self.before)
        for name, path in self.placed.items():
            _place(path, self.into / name)
        if is_new:
            archive.write(self.into, version)
        return self._told(version, is_new=is_new)

    def _demand_alike(self, before: Version) -> dict[str, dict[str, str]]:
        """The columns of all weeks. Raises Fault if the kept ones were read otherwise."""
        own = self.weeks.columns
        both = {table: before.columns[table] | own[table] for table in TABLES}
        profile = msgspec.structs.replace(self.ledger.profile, name=before.profile.name)
        kept = {table: both[table] | before.columns[table] for table in TABLES}
        scales = (self.ledger.scale, self.ledger.scales)
        for what, was, now in (
            ("a column's values are of another type", kept, both),
            ("money has other decimals", (before.scale, before.scales), scales),
            ("the profile is another one", before.profile, profile),
        ):
            if was != now:
                raise Fault(
                    f"{what} than in the weeks that stay",
                    where="--weeks",
                    expected=f"an export that is read as version {before.number} was",
                    todo="archive the whole export, without --weeks",
                )
        return both

    def _part(self, table: str, week: date, found: list[Total]) -> Held:
        """Write the part of a week, unless it is there."""
        made = self.aside / f"{table}-{week}.parquet"
        self.weeks.rows(table, week).write_parquet(str(made), compression="zstd")
        seen = scan.hashed(made)
        was = self.was[table].get(week)
        if was and self._is_there(was, made, seen.sha256):
            made.unlink()
            return was
        name = archive.name(table, week, seen.sha256)
        self.placed[name] = made
        last_us = max(each.last_us for each in found)
        is_number = table == "entry" and self.weeks.columns[table]["entry_id"] == "BIGINT"
        key = int if is_number else str
        return Held(
            table=table,
            week=week,
            file=name,
            bytes=seen.bytes,
            sha256=seen.sha256,
            rows=sum(each.rows for each in found),
            totals={each.currency: each.total for each in found},
            first_id=min((each.first_id for each in found), key=key),
            last_id=max((each.last_id for each in found), key=key),
            last_at=datetime(1970, 1, 1) + timedelta(microseconds=last_us),  # noqa: DTZ001
        )

    def _is_there(self, was: Held, made: Path, sha256: str) -> bool:
        """Whether a part holds what was just written: its bytes, or its rows."""
        there = self.into / was.file
        if not there.is_file() or scan.hashed(there).sha256 != was.sha256:
            return False
        if sha256 == was.sha256:
            return True
        con = self.weeks.con
        before, now = (
            con.read_parquet(path, hive_partitioning=False) for path in self._links((there, made))
        )
        if (before.columns, before.types) != (now.columns, now.types):
            return False
        before.create_view("part_before", replace=True)
        now.create_view("part_now", replace=True)
        ((differing,),) = con.execute(sql.text("exports/archive", "differing")).fetchall()
        return not differing

    def _links(self, paths: Iterable[Path]) -> list[str]:
        return version_rows.links(paths, self.into, self.ledger.scratch)

    def _kept_weeks(self) -> list[Held]:
        """Of an archive to which only some weeks are added, the parts of the others."""
        return [
            held
            for table in TABLES
            for week, held in self.was[table].items()
            if not self.wanted.first <= week <= self.wanted.last
        ]

    def _passes(self, parts: list[Held]) -> list[Held]:
        """What the pass keeps of each week; none where the rows are not plain enough for it."""
        of: dict[date, tuple[str, ...]] = {}
        for held in sorted(parts, key=lambda each: each.table):
            of[held.week] = (*of.get(held.week, ()), held.sha256)
        was = self.was[KEPT]
        kept = {week for week, held in was.items() if held.of == of.get(week)}
        taken = {week for week in of if self.wanted.first <= week <= self.wanted.last}
        wanted = [
            week
            for week in sorted(taken)
            if week not in kept or not _is_whole(self.into / was[week].file, was[week].sha256)
        ]
        made = self.weeks.passes(wanted) if wanted else {}
        return [
            *(was[week] for week in kept if week not in made),
            *(self._pass(week, held, of[week]) for week, held in made.items()),
        ]

    def _pass(self, week: date, held: bytes, of: tuple[str, ...]) -> Held:
        sha256 = hashlib.sha256(held).hexdigest()
        name = archive.name(KEPT, week, sha256)
        made = self.aside / f"{KEPT}-{week}.npz"
        made.write_bytes(held)
        self.placed[name] = made
        return Held(table=KEPT, week=week, file=name, bytes=len(held), sha256=sha256, of=of)

    def _version(self, columns: dict[str, dict[str, str]], files: tuple[Held, ...]) -> Version:
        before = (self.into / archive.NEWEST).read_bytes() if self.before else b""
        return Version(
            format=archive.FORMAT,
            number=self.before.number + 1 if self.before else 1,
            before=hashlib.sha256(before).hexdigest() if before else "",
            made_by=f"settle-core {__version__}",
            made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            weeks=self.asked,
            inputs=tuple(
                Read(**{name: getattr(each, name) for name in Read.__struct_fields__})
                for each in self.ledger.inputs
            ),
            agreement=agreement.line(self.ledger),
            profile=self.ledger.profile,
            scale=self.ledger.scale,
            scales=self.ledger.scales,
            columns=columns,
            files=files,
        )

    def _demand_unique(self, version: Version) -> None:
        """Raise Fault if an id stands in a week that is added and in one that stays."""

        def lies(held: Held) -> Path:
            return self.placed.get(held.file, self.into / held.file)

        parts, passes = version.of("entry"), version.of(KEPT)
        found: object = None
        if set(parts) <= set(passes):
            weeks = [week_passes.opened(lies(held).read_bytes()) for held in passes.values()]
            found = week_passes.repeated(week_passes.runs(weeks))
        elif parts:
            files = self._links(map(lies, parts.values()))
            con = self.weeks.con
            rows = con.read_parquet(files, union_by_name=True, hive_partitioning=False)
            rows.select("entry_id").create_view("every_part")
            twice = con.execute(sql.text("exports/archive", "repeated")).fetchall()
            found = twice[0][0] if twice else None
        if found is not None:
            raise Fault(
                f"entry {found!r} is in two weeks",
                where=str(self.into),
                expected="each id once, in the weeks that are added and in those that stay",
                todo="add both weeks, or archive the whole export, without --weeks",
            )

    def _told(self, version: Version, *, is_new: bool) -> Archived:
        weeks = {held.week for held in version.files}
        gone = {week for table in TABLES for week in self.was[table]} - weeks
        parts = [held for held in version.files if held.table in TABLES]
        added = sum(held.file in self.placed for held in parts)
        return Archived(
            archive=str(self.into),
            version=version.number if is_new or not self.before else self.before.number,
            is_new=is_new,
            weeks=len(weeks),
            entries=version.rows("entry"),
            settlements=version.rows("settlement"),
            added=added,
            kept=len(parts) - added,
            gone=len(gone),
            passes=len(version.of(KEPT)),
            left_out=self.weeks.left_out,
        )


def _content(version: Version) -> dict[str, Any]:
    """What makes a version another one."""
    told = ("profile", "scale", "scales", "columns", "files")
    return {name: getattr(version, name) for name in told}


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and scan.hashed(path).sha256 == sha256


def _place(made: Path, target: Path) -> None:
    """Give a file its name, once it is on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made.chmod(0o644)
    for path in (made, target.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            with suppress(OSError):  # some file systems cannot do it for a folder
                os.fsync(handle)
        finally:
            os.close(handle)
        if path is made:
            made.replace(target)
