"""An audit that is stopped leaves nothing: no run, nothing half, no kernel."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import stopping

from settle_core import notebook
from settle_core.cli import main
from settle_core.errors import Fault

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
ENDINGS = {
    "import sys; sys.exit(0)": "the notebook ended early",
    "import os; os._exit(0)": "the notebook's kernel died",
    "import os; os.kill(os.getpid(), 9)": "the notebook's kernel died",
}


def moments(seconds: float) -> Callable[[set[int]], bool]:
    """Says when so much time went by since a kernel was there."""
    since: list[float] = []

    def is_time(kernels: set[int]) -> bool:
        if kernels and not since:
            since.append(time.monotonic())
        return bool(since) and time.monotonic() >= since[0] + seconds

    return is_time


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc: kernels not looked for")
@pytest.mark.parametrize("seconds", [0, 0.5, 1])
def test_stopped_audit_leaves_nothing(seconds: float, tmp_path: Path) -> None:
    # Twice, as a scheduler does that tells a process and its group. The kernel may still start.
    command = stopping.audit(SAMPLE, tmp_path)
    _, code, said, left = stopping.stopped(command, signal.SIGTERM, moments(seconds), times=2)
    assert (code, left) == (128 + signal.SIGTERM, [])
    # A kernel that is ended may say in between, without an end of line, what a library left open.
    assert said.endswith("settle: stopped by SIGTERM; no run was written\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc: kernels not looked for")
def test_an_interrupted_audit_says_what_is_there(tmp_path: Path) -> None:
    command = stopping.audit(SAMPLE, tmp_path)
    _, code, said, left = stopping.stopped(command, signal.SIGINT, moments(0.5))
    assert (code, left) == (128 + signal.SIGINT, [])
    assert said.endswith("settle: stopped by SIGINT; no run was written\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc: kernels not looked for")
def test_killed_audit_leaves_no_run_and_no_kernel(tmp_path: Path) -> None:
    command = stopping.audit(SAMPLE, tmp_path)
    _, code, _, left = stopping.stopped(command, signal.SIGKILL, moments(0))
    assert (code, left) == (-signal.SIGKILL, [])
    assert [p for p in tmp_path.iterdir() if not p.name.startswith(".part-")] == []


@pytest.mark.parametrize("cell", ENDINGS)
def test_notebook_that_did_not_end_well_is_a_fault_and_leaves_nothing(
    cell: str, tmp_path: Path
) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (cell, "1 + 1")]  # type: ignore[no-untyped-call]
    template = tmp_path / "template.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), template)  # type: ignore[no-untyped-call]
    with pytest.raises(Fault, match=f"^{ENDINGS[cell]}"):
        notebook.run(template, tmp_path / "out.ipynb", {})
    assert [p.name for p in tmp_path.iterdir()] == ["template.ipynb"]


@pytest.mark.parametrize("stream", [">&-", "> /dev/full", "| true"])
def test_stdout_that_takes_nothing_is_no_traceback(stream: str) -> None:
    script = f'"{sys.executable}" -c "{stopping.MAIN}" rules {stream}; exit ${{PIPESTATUS[0]}}'
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == (0 if stream == ">&-" else 2), ran.stderr
    assert len(ran.stderr.splitlines()) == (0 if stream == ">&-" else 1)


def test_folder_of_runs_that_cannot_be_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    for runs in (f"{tmp_path}/a\nb", "", str(tmp_path / "file"), str(tmp_path / ("x" * 300))):
        with pytest.raises(SystemExit) as left:
            main.main(["audit", str(SAMPLE), "--runs", runs])
        out, err = capsys.readouterr()
        assert (left.value.code, out) == (2, "")
        assert err.startswith("settle: ")
        assert len(err.splitlines()) == 1
