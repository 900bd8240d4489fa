"""The run before this one, and which findings are new, persist or are resolved since."""

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from settle_core.audit import explain, run_folder
from settle_core.contract import Finding
from settle_core.errors import Fault

_LOG: Final = logging.getLogger(__name__)


class Changes(NamedTuple):
    """Findings by what became of them."""

    new: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    resolved: tuple[Finding, ...]  # as they were before


class Since(NamedTuple):
    """What changed since the run before, told by the ids of findings.

    `run` is the name of its folder, `as_of` the instant that it audited, as its manifest has it.
    """

    run: str
    manifest_sha256: str
    as_of: str
    new: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    resolved: tuple[Finding, ...]  # as they were in the run before

    def __repr__(self) -> str:
        """Count them."""
        counts = (f"{len(getattr(self, name))} {name}" for name in self._fields[3:])
        return f"<since {self.run[:64]!r}: {', '.join(counts)}>"

    def as_dict(self) -> dict[str, Any]:
        """The same for the manifest, findings by their ids."""
        ids = {name: [f.finding_id for f in getattr(self, name)] for name in self._fields[3:]}
        return dict(zip(self._fields, self[:3], strict=False)) | ids


def series(name: str, export: str, profile: str) -> str:
    """The name under which runs are compared: as given, or made of the export's path and profile.

    The path is resolved and told as a hash, so that two folders of one name are two series and no
    path of a machine stands in a manifest.
    """
    if name:
        return name
    path = os.path.realpath(export)  # not Path.resolve, which fails on a link to itself
    key = json.dumps([path, profile])
    return f"{Path(path).name}-{run_folder.sha256_text(key)[:12]}"


def since(
    run_dir: str, asked: Mapping[str, str], as_of: str, findings: Sequence[Finding]
) -> Since | None:
    """Compare with the run before; None if there is none.

    That is, of the complete runs in the folder that `run_dir` is in, of the same series and weeks,
    the one that audited the latest instant up to this one's.

    Args:
        run_dir: where this run is to go; empty: nowhere.
        asked: the parameters of this run, `series` as `series` gives it.
        as_of: the instant that it audits, as in a manifest.
        findings: what it found.

    A run that cannot be read stops none after it: it is told, and left out.
    """
    if not run_dir:
        return None
    here = Path(run_dir).resolve()
    # A name with a dot is a run that is still being written.
    folders = [
        p.parent for p in here.parent.glob(f"[!.]*/{run_folder.MANIFEST}") if p.parent != here
    ]
    key = (asked["series"], asked["weeks"])
    found = [(told, folder) for folder in folders if (told := _as_of(folder, key)) <= as_of]
    for told, folder in sorted((each for each in found if each[0]), reverse=True):
        try:
            before = explain.findings(folder)
        except Fault as fault:
            _LOG.warning("not compared with %s: %s", folder.name, fault)
            continue
        digest = run_folder.sha256_file(folder / run_folder.MANIFEST)
        return Since(folder.name, digest, told, *compare(before, findings))
    return None


def compare(before: Iterable[Finding], now: Iterable[Finding]) -> Changes:
    """Tell by their ids which findings are new, which were there before, and which are gone."""
    old = {f.finding_id: f for f in before}
    new = {f.finding_id: f for f in now}
    return Changes(
        new=tuple(f for key, f in new.items() if key not in old),
        persisting=tuple(f for key, f in new.items() if key in old),
        resolved=tuple(f for key, f in old.items() if key not in new),
    )


def _as_of(folder: Path, key: tuple[str, ...]) -> str:
    """The instant that a run audited, empty if it is none to compare with."""
    try:
        manifest = run_folder.read(folder)
    except Fault as fault:
        _LOG.warning("not compared with %s: %s", folder.name, fault)
        return ""
    asked = manifest["parameters"]
    told = (asked.get("series"), asked.get("weeks"))
    is_like = told == key and manifest["verdict"] != "incomplete"
    return str(manifest["as_of"]) if is_like else ""
