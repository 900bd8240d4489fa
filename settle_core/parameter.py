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
        if not isinstance(value, str):
            raise Fault(
                "wrong type",
                where=f"parameter {name}",
                expected="text",
                found=f"{value!r} ({type(value).__name__})",
                todo=f'give papermill -r {name} VALUE, or write it in quotes: "{value}"',
            )


def numbers(**values: object) -> None:
    """Hold parameters to be whole numbers.

    Raises:
        Fault: one of them is something else.
    """
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise Fault(
                "wrong type",
                where=f"parameter {name}",
                expected="a whole number",
                found=f"{value!r} ({type(value).__name__})",
                todo=f"give papermill -p {name} 10",
            )
