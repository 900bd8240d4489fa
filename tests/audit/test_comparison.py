"""A run is compared with the one before: what is new, persists and is resolved, and with which."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from pages import EXPORTS, audited

from settle_core.audit import audit, finding, run_folder, terminal_lines
from settle_core.audit.audit import Audit
from settle_core.cli import main
from settle_core.report import settled_weeks

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
RAILS = ROOT / "data" / "rails"


def run(export: Path, folder: Path, second: int = 59, **more: str) -> Audit:
    as_of = f"2026-11-23T09:45:{second}Z"
    made = audit.run(export, "rails", as_of=as_of, run_dir=str(folder), **more)
    made.write(folder)
    return made


def test_every_finding_is_new_persisting_or_resolved(tmp_path: Path) -> None:
    export = RAILS / "sidekiq_cached"
    old = run(export, tmp_path / "z", 48)
    assert old.since is None
    assert "no earlier run" in settled_weeks.changed(old).text
    now = run(export, tmp_path / "a")
    assert now.since is not None
    ids = [{f.finding_id for f in part} for part in now.since[3:]]
    before, after = ({f.finding_id for f in each.findings} for each in (old, now))
    assert ids == [after - before, after & before, before - after]
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text("utf-8"))
    told = manifest["previous_run"]
    content = (tmp_path / "z" / "manifest.json").read_bytes()
    assert told["manifest_sha256"] == hashlib.sha256(content).hexdigest()
    assert (told["run"], told["as_of"]) == ("z", "2026-11-23T09:45:48.000000Z")
    assert [set(told[k]) for k in ("new", "persisting", "resolved")] == ids
    line = f"since z: {len(ids[0])} new, {len(ids[1])} persisting, {len(ids[2])} resolved"
    assert line in terminal_lines.told(manifest, finding.biggest(now.findings, 5))
    assert f"{len(ids[0])} new" in settled_weeks.changed(now).text


def test_what_was_put_right_is_resolved(tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(RAILS / "sidekiq_retry", export)
    old = run(export, tmp_path / "runs" / "1")
    shutil.rmtree(export)
    shutil.copytree(RAILS / "console", export)
    now = run(export, tmp_path / "runs" / "2")
    assert now.since is not None
    assert now.since.resolved == old.findings
    assert ">resolved<" in settled_weeks.changed(now).text


@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000, '{"outputs": {}}', "\0", None])
def test_run_that_cannot_be_read_stops_none_after_it(
    text: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("1", "2"):
        audit.run(SAMPLE, series="s", run_dir=str(tmp_path / name)).write(tmp_path / name)
    if text is None:
        (tmp_path / "2" / "findings.parquet").write_bytes(b"PAR1")
    else:
        (tmp_path / "2" / "manifest.json").write_text(text, "utf-8")
    now = audit.run(SAMPLE, series="s", run_dir=str(tmp_path / "3"))
    assert now.since is not None
    assert now.since.run == "1"
    assert "not compared with 2: " in caplog.text
    now.write(tmp_path / "3")


def test_only_runs_that_can_be_compared_are(tmp_path: Path) -> None:
    export = RAILS / "sidekiq_cached"
    run(export, tmp_path / "later", 59)
    run(export, tmp_path / "weeks", 48, weeks="2026-09-14:")
    run(RAILS / "console", tmp_path / "other", 48)
    audited(tmp_path, EXPORTS["incomplete"]).write(tmp_path / "incomplete")
    (tmp_path / ".part-1").mkdir()
    (tmp_path / ".part-1" / "manifest.json").write_text("{", "utf-8")
    assert run(export, tmp_path / "now", 50).since is None
    again = run(export, tmp_path / "now", 50)
    assert again.since is None, "a run that is written anew is not the one before"


def test_two_folders_of_one_name_never_meet_and_dated_ones_do_under_one_name(
    tmp_path: Path,
) -> None:
    for tenant in ("north", "south"):
        shutil.copytree(RAILS / "sidekiq_retry", tmp_path / tenant / "export")
    run(tmp_path / "north" / "export", tmp_path / "runs" / "1", 50)
    assert run(tmp_path / "south" / "export", tmp_path / "runs" / "2", 55).since is None
    run(tmp_path / "north" / "export", tmp_path / "runs" / "3", 50, series="shop")
    after = run(tmp_path / "south" / "export", tmp_path / "runs" / "4", 55, series="shop")
    assert after.since is not None
    assert after.since.run == "3"
    manifest = (tmp_path / "runs" / "1" / "manifest.json").read_text("utf-8")
    assert str(tmp_path) not in json.loads(manifest)["parameters"]["series"]


def test_command_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = audited(tmp_path, EXPORTS["broken"]).write(tmp_path / "runs" / "first")
    assert not [
        x for x in terminal_lines.told(run_folder.read(first), ()) if x.startswith("since ")
    ]
    with pytest.raises(SystemExit):
        main.main(["audit", str(tmp_path), "--profile", "canonical", "--runs", str(first.parent)])
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("since ")]
    assert line.partition(":")[2] == " 0 new, 2 persisting, 0 resolved"
