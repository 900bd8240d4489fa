"""Parameters of a notebook: papermill holds none of them to its type."""

import os
from pathlib import Path

from settle_core.errors import Fault


def from_root() -> None:
    """Take relative paths from the project's folder, as the command does.

    JupyterLab starts a notebook in the notebook's own folder; then this goes two folders up.
    """
    folder = Path.cwd()
    if folder.parts[-2:] == ("notebooks", "audit"):
        os.chdir(folder.parents[1])


def texts(**values: object) -> None:
    """Hold parameters to be text: ``-p account 007`` would otherwise ask for account 7.

    Raises:
        Fault: one of them is something else.
    """
    for name, value in values.items():
        todo = f'give papermill -r {name} VALUE, or write it in quotes: "{value}"'
        _hold(name, value, expected="text", is_held=isinstance(value, str), todo=todo)


def numbers(**values: object) -> None:
    """Hold parameters to be whole numbers.

    Raises:
        Fault: one of them is something else.
    """
    for name, value in values.items():
        is_held = isinstance(value, int) and not isinstance(value, bool)
        todo = f"give papermill -p {name} 10"
        _hold(name, value, expected="a whole number", is_held=is_held, todo=todo)


def _hold(name: str, value: object, *, expected: str, is_held: bool, todo: str) -> None:
    if not is_held:
        found = f"{value!r} ({type(value).__name__})"
        where = f"parameter {name}"
        raise Fault("wrong type", where=where, expected=expected, found=found, todo=todo)
