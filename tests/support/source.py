"""The repository's own source, read once: tracked files and syntax trees."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "settle_core"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _tracked() -> dict[str, str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = {p: ROOT / p for p in listing.stdout.decode().split("\0") if (ROOT / p).is_file()}
    contents = {name: path.read_bytes() for name, path in files.items()}
    return {name: text.decode() for name, text in contents.items() if b"\0" not in text}


# Path in the repository -> text, of the tracked text files that are there.
TRACKED = _tracked()
# Module of the package, dotted below settle_core -> its syntax tree.
TREES = {
    ".".join(p.relative_to(PACKAGE).with_suffix("").parts): ast.parse(p.read_text("utf-8"))
    for p in sorted(PACKAGE.rglob("*.py"))
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names that a module imports; `from a import b` gives a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def siblings(tree: ast.AST) -> set[str]:
    """Modules of the package that a module imports, dotted below settle_core."""
    names = [n.removeprefix("settle_core.") for n in imports(tree) if n.startswith("settle_core.")]
    ends = [(name, name.rpartition(".")[0]) for name in names]
    return {module for both in ends for module in both if module in TREES}
