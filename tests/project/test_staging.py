"""A folder is there whole or not at all, and what a dead process left is cleared by the next."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from settle_core import staging
from settle_core.audit import audit
from settle_core.errors import Fault

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
HOLDER = """
import sys, time
from pathlib import Path
from settle_core import staging
with staging.aside(Path(sys.argv[1])) as part:
    (part / "half").write_text("x")
    print("there", flush=True)
    time.sleep(600)
"""
WRITER = """
import resource, sys
from settle_core import audit
run = audit.run(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
run.write(sys.argv[2])
"""


def test_what_a_killed_process_left_is_cleared_and_what_a_living_one_has_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        (part,) = tmp_path.iterdir()
        staging.clear(tmp_path)
        assert (part / "half").is_file()
        holder.send_signal(signal.SIGKILL)
    assert part.is_dir()
    with staging.aside(tmp_path) as other:
        assert [p.name for p in tmp_path.iterdir()] == [other.name]
    assert list(tmp_path.iterdir()) == []
    assert f"cleared {part}" in caplog.text


def test_a_folder_that_is_aside_is_private_and_gone_after_an_exception(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), staging.aside(tmp_path) as part:  # noqa: PT012
        assert part.stat().st_mode & 0o077 == 0
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_not_taken_again(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").touch()
    with pytest.raises(OSError, match="not empty"), staging.aside(tmp_path) as part:  # noqa: PT012
        (part / "new").touch()
        staging.named(part, tmp_path / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_run_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(SAMPLE), str(tmp_path / "run")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Fault: " in ran.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
    run = audit.run(SAMPLE)
    run.write(tmp_path / "run")
    before = {p.name for p in (tmp_path / "run").iterdir()}
    assert run.write(tmp_path / "run") == tmp_path / "run"
    assert {p.name for p in (tmp_path / "run").iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_run_does_not_take_the_place_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(Fault, match=r"^the folder holds something in "):
        audit.run(SAMPLE).write(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
