"""JupyterLab over copies of the audit notebooks, in the folder where the command is given."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NoReturn

import click

from settle_core.errors import Fault
from settle_core.report import templates

NOTEBOOKS: Final = Path("notebooks") / "audit"  # where they look for data two folders up
FIRST: Final = "settled_weeks.ipynb"
OPTIONS: Final = (
    # Nothing is asked of anybody elsewhere.
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


def serve(folder: Path, *, is_browsed: bool, port: int | None) -> NoReturn:
    """Copy the notebooks below a folder, then be a JupyterLab there.

    Raises:
        Fault: JupyterLab is not installed, or the folder cannot be written to.
    """
    if find_spec("jupyterlab") is None:
        raise Fault(
            "JupyterLab is not installed",
            todo="install the package with its extra lab: pip install 'settle-core[lab]'",
        )
    from settle_core.cli import lab_kernel  # noqa: PLC0415  slow to import

    target = folder / NOTEBOOKS
    try:
        copied, kept = templates.copy(target)
    except OSError as error:
        raise Fault(
            "the notebooks cannot be copied",
            where=str(target),
            found=error.strerror or str(error),
            todo="go to a folder that you may write to",
        ) from error
    click.echo(f"notebooks copied to {NOTEBOOKS}: {len(copied)}", err=True)
    if kept:
        click.echo(f"yours, and not as they come: {', '.join(kept)}", err=True)
    page = f"/lab/tree/{(NOTEBOOKS / FIRST).as_posix()}"
    kernels = f"--ServerApp.kernel_spec_manager_class={lab_kernel.__name__}.Specs"
    options = [*OPTIONS, kernels, f"--ServerApp.root_dir={folder}", f"--LabApp.default_url={page}"]
    options += [] if is_browsed else ["--no-browser"]
    options += [] if port is None else [f"--ServerApp.port={port}"]
    options += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # In place of this process, so that what ends the command ends the server.
    command = [sys.executable, "-P", "-m", "jupyterlab", *options]
    os.execv(sys.executable, command)  # noqa: S606  our own Python, nothing of a shell
