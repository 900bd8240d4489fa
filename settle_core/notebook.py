"""Notebooks run by papermill so that a run that did not end well never looks as if it had.

What papermill leaves open is closed here: an unknown parameter is refused, every code cell must
have completed, and the output appears whole or not at all.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from settle_core.errors import Fault
from settle_core.progress import Shown

CELL_SECONDS_MAX: Final = 24 * 3600


def run(
    template: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    cwd: Path | None = None,
    shown: Shown | None = None,
) -> None:
    """Execute a notebook with parameters.

    Args:
        template: the notebook; never written to.
        output: where the executed one goes, replaced in one step.
        parameters: by name; each must stand in the template's parameters cell.
        cwd: the kernel's folder, by default the current one.
        shown: where to show what its cells print, while they run.

    Raises:
        Fault: an unknown parameter, the line of a Fault raised in a cell, or a kernel that died.
    """
    # Slow to import, so only when a notebook is run.
    import papermill  # noqa: PLC0415
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    known = papermill.inspect_notebook(str(template))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise Fault(
            "unknown parameter",
            where=template.name,
            expected=f"one of {', '.join(known)}",
            found=", ".join(unknown),
        )
    part = output.with_suffix(".part.ipynb")
    try:
        notebook = papermill.execute_notebook(
            str(template),
            str(part),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            stdout_file=shown,
            request_save_on_cell_execute=False,
            execution_timeout=CELL_SECONDS_MAX,
            cwd=str(cwd or Path.cwd()),
            # What a kernel logs, such as that it listens on this machine, is not for our reader.
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except PapermillExecutionError as error:
        part.unlink(missing_ok=True)
        if error.ename == "Fault":
            raise _Told(error.evalue) from error
        raise
    except Exception as error:
        part.unlink(missing_ok=True)
        if type(error).__name__ != "DeadKernelError":
            raise
        raise Fault(
            "the notebook's kernel died",
            where=template.name,
            todo="look for the reason, often memory, in the system's log and run again",
        ) from error
    _require_whole(notebook, part, template.name)
    os.replace(part, output)  # noqa: PTH105  the atomic one


def _require_whole(notebook: Any, part: Path, name: str) -> None:  # noqa: ANN401  papermill is untyped
    for cell in notebook.cells:
        status = cell.metadata.get("papermill", {}).get("status")
        if cell.cell_type == "code" and status != "completed":
            part.unlink()
            raise Fault(
                "the notebook ended early",
                where=name,
                expected="all cells run",
                found=status,
            )


class _Told(Fault):
    """A Fault that a notebook's cell raised; its line is complete as it stands."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
