"""What is installed from the wheel audits in any folder, and runs nothing of that folder."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flit_core.wheel import make_wheel_in
from source import ROOT

SAMPLE = ROOT / "data" / "sample"
# What a module of a folder would do, were it taken for the library of its name.
TRAP = "from pathlib import Path; (Path(__file__).parent / 'ran').touch(); raise SystemExit(9)\n"
TRAPS = ("pandas.py", "json.py", "duckdb.py", "ipython_config.py", "sitecustomize.py")
MAIN = "from settle_core.cli.main import main; main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what the wheel holds, as it is installed."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(make_wheel_in(ROOT / "pyproject.toml", folder).file) as wheel:
        wheel.extractall(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder outside the checkout, with a copied export and with traps."""
    shutil.copytree(SAMPLE, tmp_path / "sample")
    for name in TRAPS:
        (tmp_path / name).write_text(TRAP, "utf-8")
    return tmp_path


def python(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python as it runs the installed command: nothing but what is installed on its path."""
    return subprocess.run(
        [sys.executable, "-P", "-c", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_audit_from_the_wheel_is_the_audit(installed: Path, folder: Path) -> None:
    where = python(installed, folder, "import settle_core; print(settle_core.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed)
    ran = python(installed, folder, MAIN, "audit", "sample")
    assert ran.returncode == 1, ran.stderr
    run = folder / ran.stdout.splitlines()[-1]
    golden = SAMPLE / "expected_findings.csv"
    assert (run / "findings.csv").read_bytes() == golden.read_bytes()
    assert {"report.html", "workpaper.ipynb", "manifest.json"} <= {p.name for p in run.iterdir()}
    assert not (folder / "ran").exists()
    told = python(installed, folder, MAIN, "explain", str(run), "f6fe")
    assert told.stdout.startswith("finding f6fe"), told.stderr
    assert python(installed, folder, MAIN, "correct", str(run), "--out", "c.csv").returncode == 0
