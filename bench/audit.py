"""Wall and CPU time of `settle audit` next to papermill, an empty notebook with the same imports.

Run `python bench/audit.py [ROUNDS]` from the repository root. Both are commands, started in turn.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXPORT = "data/rails/sidekiq_cached"
IMPORTS = """
import duckdb, pandas
from settle_core.audit import audit
from settle_core.report import settled_weeks
"""
# Bytecode is written, as by all installers but uv: else each start compiles all that it imports.
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(*command: str) -> tuple[float, float]:
    """Wall and CPU time of a command and of all that it started."""
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, check=False, capture_output=True, env=ENV)  # noqa: S603  our own
    after = os.times()
    user = after.children_user - before.children_user
    return time.perf_counter() - start, user + after.children_system - before.children_system


def main(rounds: int) -> None:
    """Print both times and their ratio."""
    folder = Path(tempfile.mkdtemp())
    empty = {
        "cells": [
            {
                "cell_type": "code",
                "id": "imports",
                "metadata": {"tags": ["parameters"]},
                "source": IMPORTS,
                "execution_count": None,
                "outputs": [],
            }
        ],
        "metadata": {"kernelspec": {"display_name": "", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "empty.ipynb").write_text(json.dumps(empty), "utf-8")
    ours, plain = [], []
    scripts = Path(sys.executable).parent
    for _ in range(rounds + 1):  # the first one is not counted
        out = str(folder / "out.ipynb")
        plain.append(seconds(str(scripts / "papermill"), str(folder / "empty.ipynb"), out))
        runs = str(folder / "runs")
        ours.append(seconds(str(scripts / "settle"), "audit", EXPORT, "--runs", runs))
    for k, name in enumerate(("wall", "CPU")):
        audit = statistics.median(each[k] for each in ours[1:])
        papermill = statistics.median(each[k] for each in plain[1:])
        print(f"settle audit {EXPORT}: {audit:.1f} s {name} (median of {rounds})")
        print(f"papermill, empty notebook, same imports: {papermill:.1f} s {name}")
        print(f"ratio {audit / papermill:.2f} by {name} (goal: at most 1.5 by CPU)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
