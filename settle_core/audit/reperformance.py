"""The audit of a run done again from its inputs, where they are at hand as they were read."""

import csv
import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from settle_core import formats
from settle_core.audit import another_build, audit, run_folder
from settle_core.errors import Fault

COMPARED = (run_folder.FINDINGS_CSV, run_folder.CORRECTIONS, run_folder.REJECTED)
Said = tuple[str, str, str, str]  # file, what, expected, found


class Again(NamedTuple):
    """What came of it: what differs, whether it could be done, and one sentence about it."""

    differences: tuple[Said, ...]
    is_done: bool
    sentence: str


def again(folder: Path, manifest: Mapping[str, Any]) -> Again:
    """Do the audit of a run again and compare what comes of it with what the run holds."""
    try:
        asked = _asked(manifest)
        absent = [given["path"] for given in manifest["inputs"] if not Path(given["path"]).exists()]
    except (LookupError, TypeError, AttributeError):
        return Again((), is_done=False, sentence="not done again: the manifest does not say how")
    if absent:
        return Again((), is_done=False, sentence=f"not done again: {absent[0]} is not at hand")
    try:
        done = audit.run(**asked)
    except Fault as fault:
        return Again((), is_done=False, sentence=f"not done again: {fault}")
    now = json.loads(json.dumps(done.manifest(), default=str))
    changed = tuple(_changed(manifest, now))
    if changed:
        sentence = "not done again: an input is not what was read"
        return Again(changed, is_done=False, sentence=sentence)
    if manifest["rules"] != now["rules"]:
        sentence = "not done again: the rules of this version are others"
        return Again((), is_done=False, sentence=sentence)
    differences = tuple(_differing(folder, manifest, done, now))
    return Again(differences, is_done=True, sentence=_sentence(manifest, now))


def _asked(manifest: Mapping[str, Any]) -> dict[str, str]:
    told = manifest["parameters"]
    asked = {name: told[name] for name in inspect.signature(audit.run).parameters if name in told}
    if not (manifest.get("age") or {}).get("is_older"):
        asked.pop("max_age", None)  # an export that was not too old then may be today
    return asked | {"as_of": manifest["as_of"]}


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Said]:
    """Inputs that are not what was read: files, profile, dispositions."""
    for was, now_is in zip(then["inputs"], now["inputs"], strict=True):
        if was["sha256"] != now_is["sha256"]:
            wanted, there = was["sha256"][:12], now_is["sha256"][:12]
            yield was["path"], "sha256 of the input", wanted, there
    for key, value in then["profile"].items():
        if value != now["profile"].get(key):
            yield (
                f"profile {then['profile']['name']}",
                key,
                str(value),
                str(now["profile"].get(key)),
            )
    told, given = ((each["dispositions"] or {}).get("sha256") for each in (then, now))
    if told != given:
        yield "dispositions", "sha256 of the input", str(told)[:12], str(given)[:12]


def _differing(
    folder: Path, manifest: Mapping[str, Any], done: audit.Audit, now: Mapping[str, Any]
) -> Iterator[Said]:
    again = "done again by another build" if another_build.name(manifest) else "done again"
    for key in ("verdict", "counts", "inferred"):
        if manifest[key] != now[key]:
            yield run_folder.MANIFEST, f"{key}, {again}", str(now[key]), str(manifest[key])
    with TemporaryDirectory() as made:
        run = done.write(Path(made) / "run")
        for name in COMPARED:
            if not (folder / name).is_file():
                continue  # told by its hash already
            wanted, found = ((each / name).read_bytes() for each in (run, folder))
            if wanted != found:
                yield name, f"content, {again}", *_rows(wanted, found)


def _rows(wanted: bytes, found: bytes) -> tuple[str, str]:
    """The first row that differs, on either side, by what stands first in it."""
    here, there = ([*csv.reader(each.decode().splitlines())] for each in (wanted, found))
    first = next((row for row in here if row not in there), ["no other row"])
    other = next((row for row in there if row not in here), ["no such row"])
    return formats.brief(", ".join(first), 200), formats.brief(", ".join(other), 200)


def _sentence(manifest: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    then = manifest["versions"]
    others = [name for name, value in now["versions"].items() if then.get(name) != value]
    if "settle-core" not in others and another_build.name(manifest):
        others.insert(0, "settle-core (another build)")
    tail = f", with other versions of {', '.join(others)}" if others else ""
    return f"done again from its inputs, the audit finds what the run holds{tail}"
