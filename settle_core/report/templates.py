"""The audit notebooks that the package brings along: run from there, copied for who edits them."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

_FOLDER = files("settle_core.report") / "notebooks"


@contextmanager
def template(name: str) -> Iterator[Path]:
    """The file of an audit notebook, `settled_weeks` for one; it is read and never written to."""
    with as_file(_FOLDER / f"{name}.ipynb") as path:
        yield path


def copy(folder: Path) -> tuple[list[str], list[str]]:
    """Copy the audit notebooks into a folder.

    Args:
        folder: made where it is not there yet. What is there already is left as it is.

    Returns:
        The names of those that were copied, and of those that were there and say something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copied, kept = [], []
    for source in sorted(_FOLDER.iterdir(), key=lambda each: each.name):
        target = folder / source.name
        if not target.exists():
            target.write_bytes(source.read_bytes())
            copied.append(source.name)
        elif target.read_bytes() != source.read_bytes():
            kept.append(source.name)
    return copied, kept
