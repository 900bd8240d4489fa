"""The shape of the source: order of imports, sizes, dead files, words. A failure names the file."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from flit_core.wheel import make_wheel_in

import settle_core

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "settle_core"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

# In the order of the flow: a module imports only from those before it.
MODULES = (
    "errors",
    "schema",
    "profile",
    "export",
    "rejected",
    "ledger",
    "pipeline",
    "explanation",
    "answer",
    "witness",
    "style",
    "board",
    "picture",
    "canvas",
    "axis",
    "step",
    "caption",
    "annotation",
    "walk",
)
# Folders whose files are found by listing, and the module that lists them.
LISTED_FOLDERS = {"profiles": "profile", "rules": "rule"}
NOT_IMPORTED = {"ipykernel": "the kernel that papermill starts"}
VAGUE_NAMES = {"common", "core", "helpers", "misc", "utils"}
CODE_SUFFIXES = {"", ".css", ".html", ".j2", ".mk", ".py", ".sh", ".sql", ".toml"}
LINES_PER_MODULE, LINES_PER_RULE, LINES_PER_FUNCTION, COLUMNS_PER_LINE = 250, 110, 70, 100
# A bracketed letter keeps this file from holding what it looks for.
NOT_USED = re.compile(
    r"adjusting entr[y]|adjusting entr[i]es|contra accoun[t]|anomal[yi]|frau[d]", re.IGNORECASE
)
REGISTRY = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.org|de[b]\.debian\.org|crate[s]\.io"
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|farm|home|Users|tmp)/")


def tracked() -> dict[str, str]:
    """Path in the repository -> text of every tracked text file that is still there."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = {p: ROOT / p for p in listing.stdout.decode().split("\0") if (ROOT / p).is_file()}
    contents = {name: path.read_bytes() for name, path in files.items()}
    return {name: text.decode() for name, text in contents.items() if b"\0" not in text}


TRACKED = tracked()
SOURCE = {p.stem: p.read_text("utf-8") for p in sorted(PACKAGE.glob("*.py"))}
TREES = {name: ast.parse(text) for name, text in SOURCE.items()}
DATA_FILES = [
    p
    for p in sorted(PACKAGE.rglob("*"))
    if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".py" and p.name != "py.typed"
]


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names that a module imports; `from a import b` gives a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "settle_core" if node.level else ""
            source = ".".join(filter(None, (package, node.module)))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def siblings(tree: ast.AST) -> set[str]:
    """Modules of the package that a module imports."""
    return {name.split(".")[1] for name in imports(tree) if name.startswith("settle_core.")}


def named_files(tree: ast.AST) -> Iterator[re.Pattern[str]]:
    """Files that a module names: "walk", "walk.sql", or f"rejected_{table}" for several."""
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [getattr(p, "value", None) if isinstance(p, ast.Constant) else None for p in parts]
        if any(isinstance(t, str) and t[:1].isalpha() for t in texts):
            yield re.compile("".join(re.escape(t) if isinstance(t, str) else r"\w+" for t in texts))


def long_ones(lengths: dict[str, int], limit: int) -> dict[str, int]:
    return {name: length for name, length in lengths.items() if length > limit}


def test_modules_are_flat_and_the_list_of_them_is_whole() -> None:
    there = sorted(str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("*.py"))
    assert sorted(f"{name}.py" for name in ("__init__", *MODULES)) == there


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_from_earlier_ones(module: str) -> None:
    earlier = MODULES[: MODULES.index(module)]
    assert siblings(TREES[module]) - set(earlier) - {"__version__"} == set()


def test_no_module_has_a_vague_name() -> None:
    assert VAGUE_NAMES & set(SOURCE) == set()


def test_modules_are_short() -> None:
    lengths = {n: len(t.splitlines()) for n, t in TRACKED.items() if n.endswith(".py")}
    assert long_ones(lengths, LINES_PER_MODULE) == {}


def test_rules_are_short() -> None:
    lengths = {p.name: len(p.read_text("utf-8").splitlines()) for p in PACKAGE.glob("rules/*.sql")}
    assert long_ones(lengths, LINES_PER_RULE) == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{name}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, text in TRACKED.items()
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }
    assert long_ones(lengths, LINES_PER_FUNCTION) == {}


def test_lines_are_short() -> None:
    lengths = {
        f"{name}:{number}": len(line)
        for name, text in TRACKED.items()
        if Path(name).suffix in CODE_SUFFIXES
        for number, line in enumerate(text.splitlines(), 1)
    }
    assert long_ones(lengths, COLUMNS_PER_LINE) == {}


def test_no_module_is_dead() -> None:
    scripts = {target.split(":")[0] for target in PROJECT["project"]["scripts"].values()}
    notebooks = "\n".join(text for name, text in TRACKED.items() if name.endswith(".ipynb"))
    shown = re.findall(r"settle_core(?:\.| import )(\w+)", notebooks)
    used = {script.removeprefix("settle_core.") for script in scripts}
    used = used.union(shown, *map(siblings, TREES.values()))
    assert set(MODULES) - used == set()


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_data_file_of_the_package_is_used(path: Path) -> None:
    folder = path.parent.name
    listed = folder in LISTED_FOLDERS
    readers = [LISTED_FOLDERS[folder]] if listed else SOURCE
    names = [folder] if listed else [path.name, path.stem]
    named = chain.from_iterable(named_files(TREES[reader]) for reader in readers)
    assert any(pattern.fullmatch(name) for pattern in named for name in names)


def test_listed_folders_are_there() -> None:
    assert [folder for folder in LISTED_FOLDERS if not any((PACKAGE / folder).glob("*"))] == []


def test_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    wheel = make_wheel_in(ROOT / "pyproject.toml", tmp_path).file
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in TRACKED if name.startswith("settle_core/")} - packed == set()


def test_git_ignores_no_file_of_the_package() -> None:
    command = ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "settle_core"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert [p for p in listing.stdout.splitlines() if "__pycache__" not in p] == []


def distribution_names(requirements: Iterable[str]) -> set[str]:
    return {re.split(r"[^\w-]", line)[0].lower() for line in requirements}


def test_core_dependencies_are_those_imported() -> None:
    project = PROJECT["project"]
    core = distribution_names(project["dependencies"])
    extras = distribution_names(chain.from_iterable(project["optional-dependencies"].values()))
    roots = {name.split(".")[0] for tree in TREES.values() for name in imports(tree)}
    third_party = roots - sys.stdlib_module_names - {"settle_core"}
    names = packages_distributions()
    imported = {name.lower() for root in third_party for name in names[root]}
    assert imported - core - extras == set(), "imported, not declared"
    assert core - imported == set(NOT_IMPORTED), "declared, not imported"


def test_locks_cover_what_is_declared() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", TRACKED[f"requirements/{lock}.txt"], re.MULTILINE))

    def names(lock: str) -> set[str]:
        return {pin.split("==")[0] for pin in pins(lock)}

    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    run = distribution_names(project["dependencies"] + groups["build"])
    extras = chain.from_iterable(project["optional-dependencies"].values())
    assert run - names("run") == set()
    assert distribution_names([*groups["test"], *extras]) - names("dev") == set()
    assert pins("run") - pins("dev") == set()
    assert groups["build"] == PROJECT["build-system"]["requires"]


def test_version_is_stated_once_and_again() -> None:
    assert settle_core.__version__ == PROJECT["project"]["version"]


@pytest.mark.parametrize(
    "pattern", [NOT_USED, REGISTRY, MACHINE_PATH], ids=["word", "host", "path"]
)
def test_tracked_files_do_not_hold(pattern: re.Pattern[str]) -> None:
    assert {name: m[0] for name, text in TRACKED.items() if (m := pattern.search(text))} == {}


@pytest.mark.parametrize("name", [n for n in TRACKED if n.startswith("notebooks/audit/")])
def test_audit_notebook_is_a_template_without_outputs(name: str) -> None:
    cells = json.loads(TRACKED[name])["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert [c["source"] for c in code if c["outputs"] or c["execution_count"] is not None] == []
