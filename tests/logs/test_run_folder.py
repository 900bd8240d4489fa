"""What logs leave in a run folder; and that a run without them is as if there were none."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from recorded_logs import LOGGED

from settle_core import audit
from settle_core.audit import run_folder, verify
from settle_core.logs import evidence

STORY = LOGGED / "story"
NAMES = ("rails.log", "sidekiq.log")


def logs(folder: Path) -> str:
    return "\n".join(str(shutil.copy(str(STORY / name), folder)) for name in NAMES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of the story with its logs."""
    return audit.run(STORY, "rails", log=logs(tmp_path)).write(tmp_path / "run")


def content(folder: Path) -> dict[str, bytes]:
    """The files of a run; of its manifest not when it was made, and the digest of that."""
    told = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    manifest = told[run_folder.MANIFEST].splitlines()
    kept = [line for line in manifest if not line.lstrip().startswith((b'"digest"', b'"made_at"'))]
    return told | {run_folder.MANIFEST: b"\n".join(kept)}


def test_without_a_log_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = audit.run(STORY, "rails").write(tmp_path / "one" / "run")
    told = audit.run(STORY, "rails", log=logs(tmp_path))

    def unwanted(*_: object) -> None:
        raise AssertionError("a log was looked for")

    monkeypatch.setattr(evidence, "Evidence", unwanted)
    after = audit.run(STORY, "rails").write(tmp_path / "other" / "run")
    assert content(before) == content(after)
    assert evidence.FILE not in content(before)
    assert b"log_prefix" not in content(before)[run_folder.MANIFEST]
    # With logs other causes may be told: what is off, by how much and what is owed stays.
    plain = audit.run(STORY, "rails")
    assert [f[1:4] + f[6:14] for f in told.findings] == [f[1:4] + f[6:14] for f in plain.findings]
    assert told.corrections == plain.corrections


def test_the_lines_are_in_the_workbook(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "workbook.xlsx")["log lines"]
    head, *rows = sheet.iter_rows(values_only=True)
    told = [json.loads(x) for x in (folder / evidence.FILE).read_text("utf-8").splitlines()]
    assert [dict(zip(head, row, strict=True))["sha256"] for row in rows] == [
        each["sha256"] for each in told
    ]


def test_lines_are_held_against_the_log(folder: Path, tmp_path: Path) -> None:
    assert not verify.run(folder).differences
    line = evidence.kept(folder)[0]
    log = Path(line["file"])
    text = bytearray(log.read_bytes())
    text[line["offset"] + 30] ^= 1
    log.write_bytes(text)
    wrong = {(each.file, each.what) for each in verify.run(folder).differences}
    assert (str(log), f"line {line['line']}") in wrong
    for name in NAMES:
        (tmp_path / name).unlink()
    assert not verify.run(folder).differences
    assert any(str(log) in text for text in verify.run(folder).not_proved)
