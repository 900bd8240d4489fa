"""What is declared, locked, packed and imported is the same."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

from flit_core.wheel import make_wheel_in
from source import PROJECT, ROOT, TRACKED, TREES, imports

import settle_core


def names(requirements: Iterable[str]) -> set[str]:
    """Distributions that requirements name: `psycopg[binary]>=3` gives psycopg."""
    return {re.split(r"[^\w-]", line)[0].lower() for line in requirements}


CORE = names(PROJECT["project"]["dependencies"])
EXTRAS = names(chain.from_iterable(PROJECT["project"]["optional-dependencies"].values()))
# Too large for a lock that each test run installs, and skipped where they are not there.
UNLOCKED = {"pyarrow", "pyspark"}
GROUPS = {group: names(lines) for group, lines in PROJECT["dependency-groups"].items()}


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^\S+==\S+", TRACKED[f"requirements/{lock}.txt"], re.MULTILINE))


def imported() -> set[str]:
    """Distributions that the package imports, anywhere in it."""
    roots = {name.split(".")[0] for tree in TREES.values() for name in imports(tree)}
    found = packages_distributions()
    third_party = roots - sys.stdlib_module_names - {"settle_core"}
    named = {root: found.get(root, [root] if root in UNLOCKED else []) for root in third_party}
    assert [root for root, names in named.items() if not names] == []
    return {name.lower().replace("_", "-") for names in named.values() for name in names}


def test_what_is_imported_is_declared() -> None:
    assert imported() - CORE - EXTRAS == set()


def test_what_a_scheduled_run_installs_is_used() -> None:
    # papermill starts it by its name, for a notebook that is run without a command.
    assert CORE - imported() == {"ipykernel"}


def test_locks_hold_what_is_declared() -> None:
    assert (CORE | GROUPS["build"]) - names(pins("run")) == set()
    assert (EXTRAS | GROUPS["test"]) - UNLOCKED - names(pins("dev")) == set()


def test_dev_lock_holds_the_run_lock() -> None:
    assert pins("run") - pins("dev") == set()


def test_build_backend_is_the_locked_one() -> None:
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]


def test_version_in_code_is_the_declared_one() -> None:
    assert settle_core.__version__ == PROJECT["project"]["version"]


def test_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    wheel = make_wheel_in(ROOT / "pyproject.toml", tmp_path).file
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in TRACKED if name.startswith("settle_core/")} - packed == set()


def test_git_ignores_no_file_of_the_package() -> None:
    command = ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "settle_core"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert [p for p in listing.stdout.splitlines() if "__pycache__" not in p] == []
