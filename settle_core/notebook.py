"""Notebooks: how they begin, what they show while they work, and how a command has one run."""

import ast
import gc
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

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
    strange = sorted(set(given) - set(known))
    if known and strange:
        raise unknown("this notebook", dict.fromkeys(known), strange)


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


def unknown(where: str, known: Iterable[str], found: Iterable[str]) -> Fault:
    """A fault: parameters that a notebook does not have."""
    return Fault(
        "unknown parameter",
        where=where,
        expected=f"one of {', '.join(known)}",
        found=", ".join(found),
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
    """Execute a notebook with parameters, in a process of its own (`kernel`).

    The output holds neither an absolute path nor what was `own`.

    Args:
        template: the notebook; never written to.
        output: where the executed one goes, replaced in one step.
        parameters: by name; each must stand in the template's parameters cell.
        own: parameters that are of this run only, such as where it writes.
        environment: variables that the process has beside this process's own.
        cwd: its folder, by default the current one.
        shown: where to show what its cells print, while they run.

    Raises:
        Fault: an unknown parameter, the line of a Fault raised in a cell, or a process that died.
        OSError: the system refused to write the output.
        FailedError: a cell failed otherwise.
    """
    asked = {
        "parent": os.getpid(),
        "template": str(template.resolve()),
        "output": str(output.resolve()),
        "parameters": dict(parameters),
        "own": dict(own or {}),
    }
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "settle_core.kernel"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, FOR_COMMAND: "1", **(environment or {})},
        cwd=cwd,
        encoding="utf-8",
        start_new_session=True,  # a signal to all of a group must not end it before this process
    ) as kernel:
        try:
            last = _last_message(kernel.stdin, kernel.stdout, json.dumps(asked), shown)  # type: ignore[arg-type]
        finally:
            kernel.kill()
    if "fault" in last:
        raise _Told(last["fault"])
    if "refused" in last:
        raise OSError(*last["refused"])
    if "failed" in last:
        raise FailedError(last["failed"])
    if "written" not in last:
        raise Fault(
            "the notebook's kernel died",
            where=template.name,
            todo="look for the reason, often memory, in the system's log and run again",
        )


def _last_message(stdin: TextIO, stdout: TextIO, asked: str, shown: Shown | None) -> dict[str, Any]:
    """How a kernel says that it ended, empty if it does not; what its cells print is shown."""
    last: dict[str, Any] = {}
    with suppress(BrokenPipeError):
        stdin.write(asked)
        stdin.close()
    for line in stdout:
        if not line.endswith("\n"):  # it died in the middle of it
            return {}
        last = json.loads(line)
        if shown and "printed" in last:
            shown.write(last["printed"])
    return last


class _Told(Fault):
    """A Fault that a notebook's cell raised; its line is complete as it stands."""

    def __init__(self, line: str) -> None:
        super().__init__(line)


class FailedError(Exception):
    """A notebook's cell failed, and no Fault tells why: a bug, with its traceback."""
