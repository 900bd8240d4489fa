"""A run folder verified, offline: each change in it is named, and what that does not prove.

Whoever can write to a folder can write all of it anew, hashes too: against that stand the seal, the
chain of runs, and the audit done again from its inputs.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from settle_core import formats
from settle_core.audit import another_build, consistency, reperformance, run_folder, seal
from settle_core.errors import Fault
from settle_core.logs import evidence

DIGITS: Final = 12  # of a hash, as it is told
NOT_PROVED: Final = (
    "That the export was whole and true when it was read: only its own control totals say so.",
    "That the runs after this one are all there: of the last run of a folder nothing else tells.",
)
UNSEALED: Final = (
    "Who made this run: without a seal and a key that you trust, whoever can write to the folder "
    "could have made all of it anew, with hashes that agree."
)
BY_ANOTHER: Final = (
    "That what differs was changed since it was written: another build of settle-core made the "
    "run, which may find and write otherwise"
)
UNPERFORMED: Final = "That the findings follow from the inputs"


class Difference(NamedTuple):
    """Something that is not as it was written: the file, what was expected and what is there."""

    file: str
    what: str
    expected: str
    found: str

    def line(self) -> str:
        """The difference as one line."""
        said = f"{self.file}: {self.what}: expected {self.expected}, found {self.found}"
        return formats.clean(said)


class Verified(NamedTuple):
    """What came of it. `held` says what was looked at and is as it was written."""

    run: str
    differences: tuple[Difference, ...]
    held: tuple[str, ...]
    not_proved: tuple[str, ...]

    def lines(self) -> list[str]:
        """For a terminal."""
        count = formats.count(len(self.differences), "difference")
        verdict = f"{self.run}: {count if self.differences else 'as it was written'}"
        lines = [verdict, *(f"  DIFFERS  {each.line()}" for each in self.differences)]
        lines += [f"  holds    {each}" for each in self.held]
        return lines + [f"  not proved: {each}" for each in self.not_proved]

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        told = self._asdict()
        return told | {"differences": [each._asdict() for each in self.differences]}


def run(folder: Path, trusted: Path | None = None) -> Verified:
    """Verify a run folder.

    Args:
        folder: of the run.
        trusted: file of the public key that must have sealed it; None: any seal, or none.

    Raises:
        Fault: not a run folder, or the key cannot be read.
    """
    run_folder.file(folder, run_folder.MANIFEST)
    key = seal.public_key(trusted) if trusted else None
    text = (folder / run_folder.MANIFEST).read_bytes()
    differences = list(manifest_differences(text))
    manifest = _read(text)
    held: tuple[str, ...] = ()
    not_proved = [*NOT_PROVED]
    if manifest is not None:
        differences += _files(folder, manifest)
        differences += _before(folder, manifest)
    if manifest is None or differences:
        not_proved.append(f"{UNPERFORMED}: not done again from a run that was changed.")
    else:
        more, held, unproved = _content(folder, manifest)
        differences += more
        not_proved += unproved
    sealed = seal.check(folder, key)
    differences += map(Difference._make, sealed.differences)
    held += (sealed.sentence,) if sealed.sentence else ()
    not_proved += [] if sealed.is_trusted else [UNSEALED]
    return Verified(str(folder), tuple(differences), held, tuple(not_proved))


def _content(
    folder: Path, manifest: Mapping[str, Any]
) -> tuple[list[Difference], tuple[str, ...], list[str]]:
    """What an unchanged run says: what differs in it, what holds, and what is not proved."""
    try:
        differences = [*_rows(run_folder.checked(manifest))]
        compared = consistency.compare(folder, manifest)
        differences += map(Difference._make, compared.differences)
        held = (*_held(manifest), compared.held) if not differences else ()
        done = reperformance.again(folder, manifest)
        more, cited, unproved = _logs(folder)
        unproved = [*compared.not_proved, *unproved]
    except run_folder.unreadable(Fault) as error:
        expected, found = "what settle audit writes", f"{type(error).__name__}: {_brief(error)}"
        return [Difference(run_folder.MANIFEST, "content", expected, found)], (), []
    another = another_build.name(manifest)
    if another and (compared.differences or (done.is_done and done.differences)):
        unproved.append(f"{BY_ANOTHER} ({another}).")
    differences += map(Difference._make, done.differences)
    differences += more
    held += cited
    if not done.is_done:
        return differences, held, [*unproved, f"{UNPERFORMED}: {done.sentence}."]
    return differences, held if done.differences else (*held, done.sentence), unproved


def _logs(folder: Path) -> tuple[list[Difference], tuple[str, ...], list[str]]:
    """The lines of logs that the run cites: those that differ, what holds, and what is gone."""
    differing, held, gone = evidence.changed(folder)
    differences = [
        Difference(each["file"], f"line {each['line']}", each["sha256"][:DIGITS], "another line")
        for each in differing
    ]
    as_cited = formats.verb(held, "is as it was when it was", "are as they were when they were")
    said = f"{formats.count(held, 'line')} of logs {as_cited} cited"
    unproved = [
        f"That the lines of {path} are as they are cited: it is not there." for path in gone
    ]
    return differences, (said,) if held and not differing else (), unproved


def runs(folder: Path, trusted: Path | None = None) -> tuple[Verified, ...]:
    """Verify a folder of runs: each of them, and that each follows from the one before.

    Raises:
        Fault: no run is in it.
    """
    found = sorted(p.parent for p in folder.glob(f"[!.]*/{run_folder.MANIFEST}"))
    if not found:
        raise Fault(
            "no run",
            where=str(folder),
            expected="a run folder, or a folder of them",
            found="none" if folder.is_dir() else "no such folder",
            todo="give the path that settle audit printed last",
        )
    return tuple([run(each, trusted) for each in found] + [_chain(folder, found)])


def _read(text: bytes) -> dict[str, Any] | None:
    try:
        return run_folder.checked(json.loads(text))
    except (ValueError, RecursionError):
        return None


def manifest_differences(text: bytes) -> Iterator[Difference]:
    """Hold the manifest to its own digest, and to the form in which it is written."""
    try:
        manifest = run_folder.checked(json.loads(text))
    except (ValueError, RecursionError) as error:
        yield Difference(run_folder.MANIFEST, "content", "a manifest", _brief(error))
        return
    told = str(manifest.get("digest"))
    found = run_folder.sha256_text(run_folder.text({**manifest, "digest": ""}))
    if told != found:
        yield Difference(run_folder.MANIFEST, "digest", _short(told), _short(found))
    elif run_folder.text(manifest).encode() != text:
        found = "the same values written otherwise"
        yield Difference(run_folder.MANIFEST, "bytes", "as settle writes them", found)


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Difference]:
    """Hold each file to its hash, and the folder to its list of files."""
    known = {run_folder.MANIFEST, run_folder.SEAL}
    outputs = manifest["outputs"]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in outputs and name not in known and (not path.is_dir() or path.is_symlink()):
            yield Difference(name, "file", "none of this name", "one that the manifest has not")
    for name, output in outputs.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            found = "a link" if path.is_symlink() else "no such file"
            yield Difference(name, "file", "the file that was written", found)
            continue
        told = output if isinstance(output, dict) else {}
        found = run_folder.sha256_file(path)
        if found != told.get("sha256"):
            size = f"{path.stat().st_size} bytes, sha256 {_short(found)}"
            expected = f"{told.get('bytes')} bytes, sha256 {_short(str(told.get('sha256')))}"
            yield Difference(name, "content", expected, size)


def _rows(manifest: Mapping[str, Any]) -> Iterator[Difference]:
    """Hold the rows that were read to what became of them."""
    for given in manifest.get("inputs", ()):
        parts = [given.get(f"rows_{what}", 0) for what in ("accepted", "rejected", "set_aside")]
        if given["rows_read"] != sum(parts):
            expected = f"{given['rows_read']} accepted, rejected or set aside"
            yield Difference(run_folder.MANIFEST, given["name"], expected, str(sum(parts)))
    broken = [each for each in manifest.get("invariants", ()) if each.get("violations")]
    if broken and manifest.get("verdict") != "incomplete":
        found = f"{manifest.get('verdict')}, and an invariant broken"
        yield Difference(run_folder.MANIFEST, "verdict", "incomplete", found)


def _held(manifest: Mapping[str, Any]) -> Iterator[str]:
    read = sum(given["rows_read"] for given in manifest.get("inputs", ()))
    outputs = len(manifest["outputs"])
    have = formats.verb(outputs, "has", "have")
    yield f"{formats.count(outputs, 'file')} {have} the hash that the manifest tells"
    yield f"{formats.count(read, 'row')} read: each is accepted, rejected or set aside"


def _before(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Difference]:
    """Hold the run before, where it is at hand, to what this one says of it."""
    told = manifest.get("chain")
    if not isinstance(told, dict) or not (folder.parent / str(told.get("run"))).is_dir():
        return
    path = folder.parent / str(told["run"]) / run_folder.MANIFEST
    found = run_folder.sha256_file(path) if path.is_file() else "none"
    if found != told.get("manifest_sha256"):
        name = f"{told['run']}/{run_folder.MANIFEST}"
        expected = _short(str(told.get("manifest_sha256")))
        yield Difference(name, "the run before", expected, _short(found))


def _began_before(name: str, made_at: str) -> bool:
    """Whether a run, called by the second of its start, began before another one was there.

    Two that are at work at once name no run before them, whichever ends first.
    """
    began, made = name[:15], made_at.replace("-", "").replace(":", "")[:15]
    are_told = all(each.replace("T", "").isdecimal() for each in (began, made))
    return are_told and began <= made


def _chain(folder: Path, found: list[Path]) -> Verified:
    """Hold the runs of a folder to the order in which each names the one before."""
    hashes = {path.name: run_folder.sha256_file(path / run_folder.MANIFEST) for path in found}
    names = {digest: name for name, digest in hashes.items()}
    manifests = {
        path.name: _read((path / run_folder.MANIFEST).read_bytes()) or {} for path in found
    }
    order = sorted(manifests, key=lambda name: (str(manifests[name].get("made_at")), name))
    differences = []
    for place, name in enumerate(order):
        told = manifests[name].get("chain") or {}
        before, digest = str(told.get("run", "")), str(told.get("manifest_sha256", ""))
        if not before:
            if place and not _began_before(name, str(manifests[order[0]].get("made_at"))):
                expected, is_now = "the run before it", "that it was the first"
                differences.append(Difference(name, "chain", expected, is_now))
        elif digest in names and names[digest] != before:
            differences.append(Difference(before, "name", before, names[digest]))
        elif before not in hashes:
            differences.append(Difference(before, "run", f"there, before {name}", "missing"))
        elif hashes[before] != digest:
            expected = _short(digest)
            differences.append(Difference(before, "manifest", expected, _short(hashes[before])))
    held = f"{formats.count(len(found), 'run')}, each after the one that it names"
    name = f"{folder}, the chain"
    return Verified(name, tuple(differences), () if differences else (held,), NOT_PROVED[1:])


def _brief(error: BaseException) -> str:
    return formats.brief(" ".join(str(error).split()), run_folder.SAID_MAX)


def _short(digest: str) -> str:
    return digest[:DIGITS] or "nothing"
