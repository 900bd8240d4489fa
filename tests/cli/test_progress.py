"""A long audit says what it is doing and how far it is: a live line, or a log."""

import io
import json
import subprocess
import sys
from pathlib import Path

from settle_core import notebook
from settle_core.reconcile.step import STEPS
from settle_core.rules import rule

ROOT = Path(__file__).parents[2]
RULES = len(rule.catalogue())


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_run_without_a_terminal_logs_each_step_and_ends_with_its_folder(tmp_path: Path) -> None:
    arguments = ["audit", "data/sample", "--runs", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-c", f"from settle_core.cli.main import main; main({arguments!r})"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    logged = [line.partition("Z ")[2] for line in ran.stderr.splitlines()]
    assert logged[0] == "reading data/sample"
    for number, step in enumerate(STEPS, start=1):
        assert f"step {number} of {len(STEPS)}: {step}" in logged
    assert [line for line in logged if line.startswith(f"rule {RULES} of {RULES}: ")]
    assert logged[-1] == "writing the report"
    assert "\r" not in ran.stderr
    run = Path(ran.stdout.splitlines()[-1])
    cells = json.loads((run / "workpaper.ipynb").read_text("utf-8"))["cells"]
    printed = [o["text"] for c in cells for o in c.get("outputs", []) if "text" in o]
    assert "reading data/sample" in "".join(printed[0])
    assert "step 1 of" not in (run / "report.html").read_text("utf-8")


def test_terminal_has_one_line_that_is_cleared() -> None:
    terminal = Terminal()
    shown = notebook.Shown(terminal)
    shown.write("\rreading data/sample   \rstep 1 of 2: scope")
    shown.end()
    assert "\n" not in terminal.getvalue()
    lines = terminal.getvalue().split("\r")
    assert [line.strip() for line in lines if line.strip()] == [
        "reading data/sample",
        "step 1 of 2: scope",
    ]
    assert {len(line) for line in lines if line} == {notebook.WIDTH}
