"""What is very wide, very packed or very many ends in a result or one line; two at once are two."""

import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import stopping

from settle_core.audit import audit, verify
from settle_core.cli import main
from settle_core.errors import Fault
from settle_core.exports.files import scan
from settle_core.exports.profiles import profile
from settle_core.exports.reading.ledger import Ledger

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
SECRET = "hunter2"  # noqa: S105  nobody's
URL = f"postgresql://me:{SECRET}@localhost:1/ledger?connect_timeout=1"


def export(folder: Path, entries: str) -> Path:
    folder.mkdir()
    (folder / "entries.csv").write_text(entries, "utf-8")
    (folder / "settlements.csv").write_bytes((SAMPLE / "settlements.csv").read_bytes())
    return folder


def test_three_hundred_columns_and_a_memo_of_a_megabyte_change_nothing(tmp_path: Path) -> None:
    head, *rows = (SAMPLE / "entries.csv").read_text("utf-8").splitlines()
    names, values = (",".join(f"{letter}{n}" for n in range(300)) for letter in "cv")
    long = [row.replace("order", "m" * 1_000_000, 1) for row in rows[:1]] + rows[1:]
    text = "\n".join([f"{head},{names}", *(f"{row},{values}" for row in long)])
    wide = audit.run(export(tmp_path / "wide", f"{text}\n"), "canonical")
    assert wide.findings == audit.run(SAMPLE, "canonical").findings


@pytest.mark.parametrize("line", [b"0" * 100_000, b",,,,,,,\n" * 100_000])
def test_what_unpacks_to_very_much_is_refused(
    line: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "UNPACKED_BYTES_MIN", 2**20)
    folder = export(tmp_path / "packed", "")
    (folder / "entries.csv").unlink()
    with gzip.open(folder / "entries.csv.gz", "wb") as file:
        file.write((SAMPLE / "entries.csv").read_bytes())
        for _ in range(200):
            file.write(line)
    told = r"^the file unpacks to very much more than it is in entries.csv.gz: "
    with pytest.raises(Fault, match=told):
        Ledger.read(folder, profile.load("canonical"))


def test_two_at_once_are_two_runs_and_no_secret_of_the_environment_is_in_them(
    tmp_path: Path,
) -> None:
    runs = tmp_path / "runs"
    secrets = {"PGPASSWORD": SECRET, "DATABASE_URL": URL}
    command = stopping.audit(SAMPLE, runs)
    started = [
        subprocess.Popen(
            command, env=os.environ | secrets, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(2)
    ]
    listed = b""
    while any(each.poll() is None for each in started):
        listed += command_lines()
        time.sleep(0.2)
    said = b"".join(each.communicate()[0] for each in started)
    assert [each.returncode for each in started] == [1, 1], said
    assert b"settle_core.kernel" in listed
    found = [path for path in runs.rglob("*") if path.is_file()]
    assert len({path.parent for path in found}) == 2
    for content in (said, listed, *(path.read_bytes() for path in found)):
        assert SECRET.encode() not in content
    assert [each.differences for each in verify.runs(runs)] == [()] * 3


def test_runs_at_work_at_once_may_both_be_the_first_and_later_ones_may_not(tmp_path: Path) -> None:
    """A run is named by the second of its start; the other one was made while it was at work."""
    first, at = "20261128T024110Z-s", "2026-11-28T02:41:12.500000Z"
    told = json.loads((audit.run(SAMPLE).write(tmp_path / "run") / "manifest.json").read_text())
    for name, is_chain in (("20261128T024112Z-s", True), ("20261128T024114Z-s", False)):
        runs = tmp_path / name
        for folder, made_at in ((first, at), (name, "2026-11-28T02:41:15.000000Z")):
            (runs / folder).mkdir(parents=True)
            own = json.dumps(told | {"made_at": made_at, "chain": None})
            (runs / folder / "manifest.json").write_text(own, "utf-8")
        found = verify.runs(runs)[-1].differences
        assert [each.what for each in found] == ([] if is_chain else ["chain"])


def command_lines() -> bytes:
    """The command lines of all processes that there are."""
    lines = b""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines += path.read_bytes()
        except OSError:
            continue
    return lines


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", URL],
        ["audit", str(SAMPLE), "--profile", URL],
        ["audit", str(SAMPLE), "--log", URL],
        ["audit", f"host=localhost user=me password={SECRET}"],
        ["balance", URL, "--out", "x.csv"],
        ["compare", URL, str(SAMPLE)],
        ["profile", URL],
        ["verify", URL],
        ["explain", URL, "x"],
        ["pull", URL, "--out", "pulled"],
        ["pull", URL.replace("postgresql", "mysql"), "--out", "pulled"],
    ],
    ids=str,
)
def test_a_password_given_in_the_wrong_place_is_not_said(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["settle"])
    with pytest.raises(SystemExit) as left:
        main.main(arguments)
    said = "".join(capfd.readouterr())
    assert left.value.code == 2
    assert SECRET not in said
    assert said.splitlines()[-1].startswith("settle: ")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
