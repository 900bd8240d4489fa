"""Notebooks run by papermill so that a run that did not end well never looks as if it had.

What papermill leaves open is closed here: an unknown parameter is refused, every code cell must
have completed, and the output appears whole or not at all.
"""

import ast
import gc
import html
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from settle_core.errors import FOR_COMMAND, Fault, without_passwords

LOGGER: Final = "settle_core"
SET_BY_PAPERMILL: Final = "# Parameters\n"  # how the cell begins that it puts in
WIDTH: Final = 60  # of the line, so that a shorter one covers a longer one


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Look for circles of objects after 100,000 new ones: by default it is done after 700.

    Imports and pages make many objects and hardly a circle.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def shown() -> Iterator[None]:
    """Show the steps in a notebook's cell, on one line that each step writes anew.

    The line ends when the work ends: what stays is no step that seems to be at work still.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(f"\r%(message)-{WIDTH}s"))
    handler.terminator = ""
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.handlers[:] = []
        sys.stdout.write(f"\r{'':<{WIDTH}}\r")
        sys.stdout.flush()


class Shown:
    """What a notebook's cells print, shown as it comes: in a terminal one line, else a log."""

    def __init__(self, stream: TextIO) -> None:
        """Show it on a stream."""
        self.stream = stream
        self.is_live = stream.isatty()

    def write(self, text: str) -> None:
        """Show the steps in a text that a cell printed, as long as somebody looks."""
        with suppress(OSError, ValueError):
            self._write(without_passwords(text))

    def _write(self, text: str) -> None:
        for step in filter(None, map(str.strip, text.replace("\r", "\n").split("\n"))):
            if self.is_live:
                self.stream.write(f"\r{step[:WIDTH]:<{WIDTH}}")
            else:
                self.stream.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {step}\n")
        self.flush()

    def flush(self) -> None:
        """Hand over what is written."""
        self.stream.flush()

    def end(self) -> None:
        """Clear the live line."""
        with suppress(OSError, ValueError):
            self._clear()

    def _clear(self) -> None:
        if self.is_live:
            self.stream.write(f"\r{'':<{WIDTH}}\r")
            self.flush()


class _Steps(logging.Handler):
    def __init__(self, shown_: Shown) -> None:
        super().__init__()
        self.shown = shown_

    def emit(self, record: logging.LogRecord) -> None:
        self.shown.write(record.getMessage())


@contextmanager
def shown_on(stream: TextIO) -> Iterator[None]:
    """Show the steps of what is done in this process, as those of a notebook are shown."""
    live = Shown(stream)
    logger = logging.getLogger(LOGGER)
    before = logger.level
    steps = _Steps(live)
    logger.addHandler(steps)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(steps)
        logger.setLevel(before)
        live.end()


def from_root() -> None:
    """Begin a notebook: paths from the project's folder, as the command does, and its parameters.

    JupyterLab starts a notebook in the notebook's own folder; then this goes two folders up.

    Raises:
        Fault: papermill was given a parameter that the notebook does not have.
    """
    folder = Path.cwd()
    if os.environ.get(FOR_COMMAND):
        return
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    _demand_known(shell.user_ns.get("In", ()) if shell else ())
    if folder.parts[-2:] == ("notebooks", "audit"):
        os.chdir(folder.parents[1])


def _demand_known(cells: Iterable[str]) -> None:
    """Refuse what papermill sets that is no parameter: it would run with the default, and green.

    Of a cell that was changed and run again the last run counts.
    """
    known: list[str] = []
    given: list[str] = []
    for cell in cells:
        if cell.startswith(SET_BY_PAPERMILL):
            given = list(_assigned(cell))
        else:
            known += _assigned(cell)
    unknown = sorted(set(given) - set(known))
    if known and unknown:
        raise _unknown("this notebook", dict.fromkeys(known), unknown)


def _assigned(cell: str) -> Iterator[str]:
    """The names that a cell assigns, on its own lines."""
    try:
        statements = ast.parse(cell).body
    except SyntaxError:  # a magic of somebody's own
        return
    for each in statements:
        targets: list[ast.expr] = []
        if isinstance(each, ast.AnnAssign):
            targets = [each.target]
        elif isinstance(each, ast.Assign):
            targets = each.targets
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _unknown(where: str, known: Iterable[str], unknown: Iterable[str]) -> Fault:
    return Fault(
        "unknown parameter",
        where=where,
        expected=f"one of {', '.join(known)}",
        found=", ".join(unknown),
    )


def texts(**values: object) -> None:
    """Hold parameters to be text: ``-p account 007`` would otherwise ask for account 7.

    Raises:
        Fault: one of them is something else.
    """
    for name, value in values.items():
        todo = f'give papermill -r {name} VALUE, or write it in quotes: "{value}"'
        _hold(name, value, str, expected="text", todo=todo)


def numbers(**values: object) -> None:
    """Hold parameters to be whole numbers.

    Raises:
        Fault: one of them is something else.
    """
    for name, value in values.items():
        todo = f"give papermill -p {name} 10"
        _hold(name, value, int, expected="a whole number", todo=todo)


def _hold(name: str, value: object, kind: type, *, expected: str, todo: str) -> None:
    import msgspec  # noqa: PLC0415  not for the help texts

    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = f"{value!r} ({type(value).__name__})"
        where = f"parameter {name}"
        raise Fault("wrong type", where=where, expected=expected, found=found, todo=todo) from error


CELL_SECONDS_MAX: Final = 24 * 3600
INJECTED: Final = "injected-parameters"
# What papermill notes of where it ran, which is nobody's business elsewhere.
PLACES: Final = ("input_path", "output_path", "environment_variables")


def run(  # noqa: PLR0913  one for each of what a run may be told
    template: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    own: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    shown: Shown | None = None,
) -> None:
    """Execute a notebook with parameters.

    The output holds neither an absolute path nor what was `own`.

    Args:
        template: the notebook; never written to.
        output: where the executed one goes, replaced in one step.
        parameters: by name; each must stand in the template's parameters cell.
        own: parameters that are of this run only, such as where it writes.
        environment: variables that the kernel has beside this process's own.
        cwd: the kernel's folder, by default the current one.
        shown: where to show what its cells print, while they run.

    Raises:
        Fault: an unknown parameter, the line of a Fault raised in a cell, or a kernel that died.
    """
    import papermill  # noqa: PLC0415  slow to import, so only when a notebook is run
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    from settle_core import kernel  # noqa: PLC0415

    given = {**parameters, **(own or {})}
    _require_known(template, given)
    folder = cwd or Path.cwd()
    part = output.with_suffix(".part.ipynb")
    try:
        with _environment({FOR_COMMAND: "1", **(environment or {})}):
            notebook = papermill.execute_notebook(
                str(template),
                None,  # what it would write holds what is of this run only
                parameters=given,
                kernel_name=kernel.NAME,
                kernel_manager_class=kernel.Manager,
                progress_bar=False,
                stdout_file=shown,
                request_save_on_cell_execute=False,
                execution_timeout=CELL_SECONDS_MAX,
                cwd=str(folder),
                # What a kernel logs, such as that it listens here, is not for our reader.
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
            )
    except PapermillExecutionError as error:
        if error.traceback == [error.evalue]:  # how a Fault shows itself in a notebook
            raise _Told(error.evalue) from error
        raise
    except RuntimeError as error:  # nbclient's DeadKernelError is one
        if "Kernel died" not in str(error):
            raise
        raise Fault(
            "the notebook's kernel died",
            where=template.name,
            todo="look for the reason, often memory, in the system's log and run again",
        ) from error
    else:
        _require_whole(notebook, template.name)
        _write(_placeless(notebook, folder, own or {}), part)
        os.replace(part, output)  # noqa: PTH105  the atomic one
    finally:
        kernel.end()
        part.unlink(missing_ok=True)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables of the environment for as long as the block, and so for what is started in it."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _require_known(template: Path, given: Mapping[str, Any]) -> None:
    import papermill  # noqa: PLC0415

    known = papermill.inspect_notebook(str(template))
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise _unknown(template.name, known, unknown)


def _require_whole(notebook: Any, name: str) -> None:  # noqa: ANN401  papermill is untyped
    for cell in notebook.cells:
        status = cell.metadata.get("papermill", {}).get("status")
        if cell.cell_type == "code" and status != "completed":
            raise Fault(
                "the notebook ended early",
                where=name,
                expected="all cells run",
                found=status,
            )


def _placeless(notebook: Any, folder: Path, own: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The executed notebook without what is true of this machine and this run only."""
    noted = notebook.metadata.get("papermill", {})
    for name in PLACES:
        noted.pop(name, None)
    noted["parameters"] = {k: v for k, v in noted.get("parameters", {}).items() if k not in own}
    for cell in notebook.cells:
        if INJECTED in cell.metadata.get("tags", ()):
            lines = cell.source.splitlines()
            cell.source = "\n".join(x for x in lines if x.partition(" = ")[0] not in own)
    values = [*noted["parameters"].values(), *own.values()]
    return _replaced(notebook, list(_relative(values, folder)))


class _Place(NamedTuple):
    """A path as it may stand in a text, where it stands by itself, and what is written instead."""

    form: str
    alone: re.Pattern[str]
    other: str


def _relative(values: Iterable[Any], folder: Path) -> Iterator[_Place]:
    """Each absolute path, the longest first, with what is written in its place.

    Within the folder that is the way from there, else the last name.
    """
    lines = [line for v in values if isinstance(v, str) for line in v.splitlines()]
    paths = {line for line in lines if Path(line).is_absolute()}
    for path in sorted({*paths, str(folder)} - {os.sep}, key=len, reverse=True):
        is_within = Path(path).is_relative_to(folder)
        relative = str(Path(path).relative_to(folder)) if is_within else Path(path).name
        for form in dict.fromkeys((path, json.dumps(path)[1:-1], html.escape(path))):
            # Not a part of a longer path or name, and no end tag.
            alone = re.compile(rf"(?<![\w./<-]){re.escape(form)}(?![\w.-])")
            yield _Place(form, alone, relative.replace("\\", r"\\"))


def _replaced(value: Any, places: Sequence[_Place]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        for each in places:
            if each.form in value:  # found by itself much faster than by a pattern
                value = each.alone.sub(each.other, value)
        return value
    if isinstance(value, dict):
        return type(value)({key: _replaced(inner, places) for key, inner in value.items()})
    if isinstance(value, list):
        return [_replaced(inner, places) for inner in value]
    return value


def _write(notebook: Any, path: Path) -> None:  # noqa: ANN401
    import nbformat  # noqa: PLC0415

    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


class _Told(Fault):
    """A Fault that a notebook's cell raised; its line is complete as it stands."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
