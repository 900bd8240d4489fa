"""The shape of the source: order of imports, sizes, dead files, words. A failure names the file."""

import ast
import json
import re
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest
from source import PACKAGE, PROJECT, TRACKED, TREES, siblings

# Who may import whom: a room may use itself and the rooms named here, directly or through them.
GROUND = {"contract", "errors", "formats", "kernel", "notebook", "shell", "sql", "staging"}
ROOMS: dict[str, set[str]] = {
    "exports": set(),
    "balancing": {"exports"},
    "heisenbug": {"balancing"},
    "reconcile": {"exports"},
    "logs": {"reconcile"},
    "spark": {"exports"},
    "rules": {"logs"},
    "audit": {"rules", "balancing", "spark"},
    "simulation": {"audit"},
    "report": {"simulation"},
    "cli": {"report", "heisenbug"},
}
# Packages within a room: each may use those before it; modules of the room itself, all of them.
FLOORS = {
    "exports": [
        "profiles",
        "files",
        "arrays",
        "reading",
        "checks",
        "archive",
        "databases",
        "draft",
    ],
    "reconcile": ["search", "walk", "policies", "causes", "patterns", "astray"],
    "logs": ["lines", "systems", "joined", "scanned", "proofs"],
}
# Folders whose files are found by listing, and the module that lists them.
LISTED_FOLDERS = {
    "notebooks": "report.templates",
    "profiles": "exports.profiles.profile",
    "rules": "rules.rule",
}
VAGUE_NAMES = {"common", "core", "helpers", "misc", "utils"}
CODE_SUFFIXES = {"", ".css", ".html", ".j2", ".sql", ".toml"}  # ruff holds Python
LINES_PER_MODULE, LINES_PER_RULE, LINES_PER_FUNCTION, COLUMNS_PER_LINE = 400, 110, 70, 100
LINES_PER_TEST = 400  # a file of tests is a list, not a room to find one's way in
# A bracketed letter keeps this file from holding what it looks for.
NOT_USED = re.compile(
    r"adjusting entr[y]|adjusting entr[i]es|contra accoun[t]|anomal[yi]|frau[d]", re.IGNORECASE
)
REGISTRY = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.org|de[b]\.debian\.org|crate[s]\.io"
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|farm|home|Users|tmp)/")
DATA_FILES = [
    p
    for p in sorted(PACKAGE.rglob("*"))
    if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".py" and p.name != "py.typed"
]


@cache
def named_files(module: str) -> list[re.Pattern[str]]:
    """Files that a module names: "walk", "walk.sql", or f"rejected_{table}" for several."""
    patterns = set()
    for node in ast.walk(TREES[module]):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [getattr(p, "value", None) if isinstance(p, ast.Constant) else None for p in parts]
        if any(isinstance(t, str) and t[:1].isalpha() for t in texts):
            patterns.add("".join(re.escape(t) if isinstance(t, str) else r"\w+" for t in texts))
    return [re.compile(pattern) for pattern in patterns]


def long_ones(lengths: dict[str, int], limit: int) -> dict[str, int]:
    return {name: length for name, length in lengths.items() if length > limit}


def room(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def below(name: str) -> set[str]:
    """All rooms that a room may import from, itself and the ground included."""
    return GROUND.union({name}, *(below(other) for other in ROOMS[name]))


def test_the_list_of_rooms_is_whole() -> None:
    assert {room(module) for module in TREES} == {"__init__", *GROUND, *ROOMS}


def test_contributing_lists_the_rooms_in_an_order_that_imports_keep() -> None:
    table = TRACKED["CONTRIBUTING.md"].partition("## Where things are")[2].partition("## ")[0]
    told = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines() if "| `" in row]
    assert set(told[0]) == GROUND
    assert sorted(name for row in told[1:] for name in row) == sorted(ROOMS)
    seen: set[str] = set()
    for (name,) in told[1:]:
        assert ROOMS[name] <= seen
        seen.add(name)


@pytest.mark.parametrize(
    "name", ["audit", *FLOORS, *(f"{r}.{p}" for r in FLOORS for p in FLOORS[r])]
)
def test_a_large_package_says_where_to_look(name: str) -> None:
    told = re.findall(r"`(\w+\*?)`", ast.get_docstring(TREES[f"{name}.__init__"]) or "")
    within = [m.removeprefix(f"{name}.") for m in TREES if m.startswith(f"{name}.")]
    modules = {m.partition(".")[0] for m in within} - {"__init__"}
    missing = {m for m in modules if not any(fnmatch(m, each) for each in told)}
    where = name.replace(".", "/")
    assert missing == set(), f"say in settle_core/{where}/__init__.py what they are for"
    named = set(told) - {"run", "Audit"}
    assert [each for each in named if each not in modules and not each.endswith("*")] == []


@pytest.mark.parametrize("name", FLOORS)
def test_packages_within_a_room_import_only_from_those_before(name: str) -> None:
    floors = FLOORS[name]
    modules = {m: m.split(".")[1] for m in TREES if room(m) == name and m.count(".") > 1}
    assert set(modules.values()) == set(floors)
    above = {
        (module, other)
        for module, floor in modules.items()
        for other in siblings(TREES[module])
        if room(other) == name and other.split(".")[1] not in floors[: floors.index(floor) + 1]
    }
    assert above == set()


@pytest.mark.parametrize("module", [m for m in TREES if m != "__init__"])
def test_module_imports_only_from_rooms_below(module: str) -> None:
    allowed = GROUND if room(module) in GROUND else below(room(module))
    assert {name for name in siblings(TREES[module]) if room(name) not in allowed} == set()


@pytest.mark.parametrize("name", ROOMS)
def test_within_a_room_no_circle(name: str) -> None:
    arrows = {m: siblings(t) - {m} for m, t in TREES.items() if room(m) == name}
    TopologicalSorter({m: n & set(arrows) for m, n in arrows.items()}).prepare()


def test_no_module_has_a_vague_name() -> None:
    assert VAGUE_NAMES & {part for module in TREES for part in module.split(".")} == set()


def test_modules_are_short() -> None:
    lengths = {n: len(t.splitlines()) for n, t in TRACKED.items() if n.endswith(".py")}
    tests = {n: length for n, length in lengths.items() if n.startswith("tests/")}
    assert long_ones({n: v for n, v in lengths.items() if n not in tests}, LINES_PER_MODULE) == {}
    assert long_ones(tests, LINES_PER_TEST) == {}


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
        if Path(name).suffix in CODE_SUFFIXES and not name.startswith("data/")
        for number, line in enumerate(text.splitlines(), 1)
    }
    assert long_ones(lengths, COLUMNS_PER_LINE) == {}


def test_no_module_is_dead() -> None:
    scripts = {target.split(":")[0] for target in PROJECT["project"]["scripts"].values()}
    notebooks = [
        "".join(cell["source"])
        for name, text in TRACKED.items()
        if name.endswith(".ipynb")
        for cell in json.loads(text)["cells"]
        if cell["cell_type"] == "code"
    ]
    shown = {m for text in notebooks for m in siblings(ast.parse(text))}
    named = {m for m, tree in TREES.items() if "__name__" in ast.dump(tree)}
    started = {script.removeprefix("settle_core.") for script in scripts}
    lazy = {
        str(value.value).removeprefix("settle_core.")
        for name in ("__init__", "audit.__init__")
        for value in ast.walk(TREES[name])
        if isinstance(value, ast.Constant) and str(value.value).startswith("settle_core.")
    }
    used = started.union(shown, named, lazy, *map(siblings, TREES.values()))
    assert {m for m in TREES if not m.endswith("__init__")} - used == set()


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_data_file_of_the_package_is_used(path: Path) -> None:
    folder = path.parent.name
    listed = folder in LISTED_FOLDERS
    readers = [LISTED_FOLDERS[folder]] if listed else TREES
    below_sql = path.relative_to(PACKAGE).as_posix().partition("/sql/")[2].removesuffix(".sql")
    names = [folder, f"settle_core.{folder}"] if listed else [path.name, path.stem, below_sql]
    named = chain.from_iterable(map(named_files, readers))
    assert any(pattern.fullmatch(name) for pattern in named for name in names)


def test_listed_folders_are_there() -> None:
    there = {path.name for path in PACKAGE.rglob("*") if path.is_dir()}
    assert set(LISTED_FOLDERS) - there == set()


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
