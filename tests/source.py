"""The repository's own source, read once: tracked files and syntax trees."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "settle_core"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _tracked() -> dict[str, str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = {p: ROOT / p for p in listing.stdout.decode().split("\0") if (ROOT / p).is_file()}
    contents = {name: path.read_bytes() for name, path in files.items()}
    return {name: text.decode() for name, text in contents.items() if b"\0" not in text}


# Path in the repository -> text, of the tracked text files that are there.
TRACKED = _tracked()
# Module of the package -> its syntax tree.
TREES = {p.stem: ast.parse(p.read_text("utf-8")) for p in sorted(PACKAGE.glob("*.py"))}


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
