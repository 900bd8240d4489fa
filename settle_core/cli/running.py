"""An audit carried out: the notebook run, the report made of it, the run folder whole or absent."""

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from settle_core import errors, formats, notebook, staging
from settle_core.errors import Fault

TEMPLATE: Final = "settled_weeks"
SCRATCH: Final = ".scratch"  # what the kernel puts aside, within what is cleared
NAMED: Final[list[Path]] = []  # what was, or is about to be, given its name
NAME_BYTES_MAX: Final = 120  # of an export in its run's name; a file system allows 255 in all


def audit(  # noqa: PLR0913  one parameter for each thing that is asked for
    export: str,
    runs: str,
    parameters: Mapping[str, str],
    *,
    memory_limit: str = "",
    engine: tuple[str, str] = ("", ""),
    is_shown: bool,
) -> tuple[Path, dict[str, Any]]:
    """Audit an export into a new run folder.

    Args:
        export: its folder.
        runs: the folder that the run folder goes into.
        parameters: of the notebook.
        memory_limit: of all processes, as `4GiB`; empty: what the machine allows.
        engine: by name, and its master; empty: the default one.
        is_shown: whether to say on stderr what is being done.

    Returns:
        The run folder and its manifest.

    Raises:
        Fault: the input cannot be worked with, or the folder cannot be written.
    """
    # Slow to import, and help texts stay fast.
    from settle_core.audit import run_folder  # noqa: PLC0415
    from settle_core.exports.files import memory  # noqa: PLC0415
    from settle_core.report import page, templates  # noqa: PLC0415
    from settle_core.spark.environment import ENGINE, MASTER  # noqa: PLC0415

    if not runs or not runs.isprintable():
        found, todo = repr(runs), "name another folder"
        raise Fault("not a folder to write to", where="--runs", found=found, todo=todo)
    if memory_limit:
        memory.demand_size(memory_limit)
    shown = notebook.Shown(sys.stderr) if is_shown and sys.stderr else None
    with notebook.rarely_collected(), errors.writing(runs), staging.aside(Path(runs)) as part:
        try:
            scratch = part / SCRATCH
            scratch.mkdir()
            output = part / run_folder.WORKPAPER
            own = {"run_dir": str(part)}
            environment = {"TMPDIR": str(scratch.resolve()), memory.MEMORY: memory_limit}
            environment |= {ENGINE: engine[0], MASTER: engine[1]}
            with templates.template(TEMPLATE) as template:
                notebook.run(
                    template, output, parameters, own=own, environment=environment, shown=shown
                )
            shutil.rmtree(scratch)
            if shown:
                shown.write("writing the report")
            manifest = run_folder.read(part)
            title = f"Audit of {export}: {manifest['verdict']}"
            page.page(output, part / run_folder.REPORT, title)
            manifest = run_folder.write(part, manifest, Path(runs))
            return _named(part, Path(runs), _name(export)), manifest
        finally:
            if shown:
                shown.end()


def _name(export: str) -> str:
    """The export's name as a part of a file's name: printable, on one line and not too long."""
    shown = formats.clean(Path(os.path.realpath(export)).name).replace("\\", "_").replace(" ", "_")
    return shown.encode()[:NAME_BYTES_MAX].decode(errors="ignore") or "export"


def _named(part: Path, runs: Path, name: str) -> Path:
    """Give the finished folder its name: instant and export, with a number where that is taken."""
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}"
    for number in range(1, 1000):
        run = runs / (stem if number == 1 else f"{stem}-{number}")
        if run.exists():
            continue
        NAMED[:] = [run]
        try:
            staging.named(part, run)
        except FileExistsError:
            continue
        except OSError as error:
            if not run.exists():  # else another run took the name in between
                raise
            del error
            continue
        return run
    raise Fault("no free name for the run folder", where=str(runs), found=stem)
