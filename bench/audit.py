"""Wall time of `settle audit` next to papermill running an empty notebook with the same imports.

Run `python bench/audit.py [ROUNDS]` from the repository root. Both are commands, started in turn.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXPORT = "data/rails/sidekiq_cached"
IMPORTS = "import duckdb, pandas\nfrom settle_core import audit, report, tally"


def seconds(*command: str) -> float:
    """Wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603  our own commands
    return time.perf_counter() - start


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
    for _ in range(rounds):
        out = str(folder / "out.ipynb")
        plain.append(seconds(str(scripts / "papermill"), str(folder / "empty.ipynb"), out))
        runs = str(folder / "runs")
        ours.append(seconds(str(scripts / "settle"), "audit", EXPORT, "--runs", runs))
    audit, papermill = statistics.median(ours), statistics.median(plain)
    print(f"settle audit {EXPORT}: {audit:.1f} s (median of {rounds})")
    print(f"papermill, empty notebook, same imports: {papermill:.1f} s")
    print(f"ratio {audit / papermill:.2f} (goal: at most 2)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
