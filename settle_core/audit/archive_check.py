"""An archive verified: each file that is not what was written is named, in every version.

Of the newest version the control totals and what the pass keeps of each week are made again from
the rows, by the program that is at hand.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from settle_core import formats
from settle_core.audit.verify import DIGITS, UNSEALED, Difference, Verified
from settle_core.errors import Fault
from settle_core.exports.archive import archive, version_rows
from settle_core.exports.archive.archive import KEPT, TABLES, Held, Version
from settle_core.exports.archive.weeks import Weeks
from settle_core.exports.arrays import week_passes
from settle_core.exports.files import scan

NOT_PROVED: Final = (
    "That the exports were whole and true when they were archived.",
    UNSEALED.replace("this run", "this archive"),
)


def run(folder: Path) -> Verified:
    """Verify an archive.

    Raises:
        Fault: it has no version that can be read.
    """
    newest = archive.load(folder)
    paths = sorted((folder / archive.VERSIONS).glob("*.json"))
    differences = [*_chain(folder, newest, paths)]
    versions = {path: archive.read(path) for path in paths if path.name not in _named(differences)}
    files = {held.file: held for each in (*versions.values(), newest) for held in each.files}
    differences += [each for held in files.values() for each in _file(folder, held)]
    whole = f"{formats.count(len(files), 'file')} with the hash that it was written with"
    held = [] if differences else [f"{formats.count(len(versions), 'version')}, {whole}"]
    if not differences:
        differences = [*_again(folder, newest)]
        rows = formats.count(newest.rows("entry"), "entry", "entries")
        passes = formats.count(len(newest.of(KEPT)), "week")
        again = f"control totals of {rows}, and what the pass keeps of {passes}, made again"
        held += [] if differences else [again]
    return Verified(str(folder), tuple(differences), tuple(held), NOT_PROVED)


def _named(differences: list[Difference]) -> set[str]:
    return {Path(each.file).name for each in differences}


def _chain(folder: Path, newest: Version, paths: list[Path]) -> Iterator[Difference]:
    """Each version holds the hash of the one before, and the newest is there by both names."""
    before = ""
    for number, path in enumerate(paths, start=1):
        name = f"{archive.VERSIONS}/{path.name}"
        try:
            version = archive.read(path)
        except Fault as fault:
            yield Difference(name, "content", fault.expected, fault.found)
            before = ""
            continue
        if version.number != number:
            yield Difference(name, "number", f"{number}", f"{version.number}")
        if before and version.before != before:
            yield Difference(name, "sha256 of the version before", *_short(version.before, before))
        before = hashlib.sha256(path.read_bytes()).hexdigest()
    found = hashlib.sha256((folder / archive.NEWEST).read_bytes()).hexdigest()
    if found != before or newest.number != len(paths):
        last = paths[-1].name if paths else "a version"
        yield Difference(archive.NEWEST, "content", f"as in {last}", f"version {newest.number}")


def _short(wanted: str, found: str) -> tuple[str, str]:
    return wanted[:DIGITS], found[:DIGITS]


def _file(folder: Path, held: Held) -> Iterator[Difference]:
    path = folder / held.file
    if not path.is_file():
        yield Difference(held.file, "file", "there", "missing")
        return
    try:
        found = scan.hashed(path).sha256
    except Fault as fault:
        yield Difference(held.file, "file", "readable", fault.found)
        return
    if found != held.sha256:
        yield Difference(held.file, "sha256", *_short(held.sha256, found))


def _again(folder: Path, version: Version) -> Iterator[Difference]:
    """What the rows of a version do not give again."""
    weeks = Weeks(version_rows.read_version(folder, version))
    for table in TABLES:
        for week, held in version.of(table).items():
            found = weeks.totals[table].get(week, [])
            wanted = _told(held.rows, held.totals)
            there = _told(
                sum(each.rows for each in found), {each.currency: each.total for each in found}
            )
            if there != wanted:
                yield Difference(held.file, "control totals", wanted, there)
    passes = version.of(KEPT)
    made = weeks.passes(sorted(passes))
    for week, held in passes.items():
        was = week_passes.opened((folder / held.file).read_bytes())
        now = week_passes.opened(made[week]) if week in made else {}
        if names := week_passes.differing(was, now):
            others = ", ".join(names)
            yield Difference(held.file, "made again from the rows", "the same", f"other {others}")


def _told(rows: int, totals: dict[str, Decimal]) -> str:
    sums = ", ".join(f"{total} {code}" for code, total in sorted(totals.items()))
    return f"{rows} rows, {sums}"
