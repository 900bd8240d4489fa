"""The process that runs a notebook for a command: asked on stdin, it answers on stdout.

It is one of its own so that the command can end it at any moment, tell why it died, and clear up
after it. Of the folder it stands in nothing is imported: Python's safe path (`-P`) leaves it out.

What papermill leaves open is closed here: an unknown parameter is refused, every code cell must
have completed, and the output appears whole or not at all.
"""

import html
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from settle_core import notebook
from settle_core.errors import Fault

INJECTED: Final = "injected-parameters"
# What papermill notes of where it ran, which is nobody's business elsewhere.
PLACES: Final = ("input_path", "output_path", "environment_variables")
_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG


class Asked(NamedTuple):
    """What a command asks for: as `notebook.run` takes it, all paths absolute."""

    parent: int
    template: str
    output: str
    parameters: Mapping[str, Any]
    own: Mapping[str, Any]


class _Messages:
    """What goes to the command: one JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def send(self, **what: object) -> None:
        self.stream.write(json.dumps(what) + "\n")
        self.stream.flush()

    def write(self, text: str) -> None:
        """Send what a cell printed."""
        self.send(printed=text)

    def flush(self) -> None:
        pass


def main() -> None:
    """Run a notebook, for as long as the process that started this is there."""
    # What a library writes to stdout goes to stderr, not in between messages.
    messages = _Messages(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    asked = Asked(**json.load(sys.stdin))
    _end_with(asked.parent)
    try:
        with notebook.rarely_collected():
            _run(asked, messages)
    except Fault as fault:
        messages.send(fault=fault.line())
    except OSError as error:
        messages.send(refused=[error.errno, error.strerror, error.filename])
    except Exception:  # noqa: BLE001  a bug, which the command shows
        messages.send(failed=traceback.format_exc())
    else:
        messages.send(written=asked.output)


def _end_with(parent: int) -> None:
    """Ask the system to end this process when its parent does, which no `kill -9` gets past."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # noqa: PLC0415

    libc: Any = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DEATH_SIGNAL, signal.SIGKILL)  # no warning is needed: nothing is kept here
    # It may have ended before it was asked for.
    if os.getppid() != parent:
        os._exit(1)


def _run(asked: Asked, messages: _Messages) -> None:
    import papermill  # noqa: PLC0415  slow to import, so only when a notebook is run
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    from settle_core import shell  # noqa: PLC0415

    template, output = Path(asked.template), Path(asked.output)
    given = {**asked.parameters, **asked.own}
    known = papermill.inspect_notebook(str(template))
    if unknown := sorted(set(given) - set(known)):
        raise notebook.unknown(template.name, known, unknown)
    try:
        executed = papermill.execute_notebook(
            str(template),
            None,  # what it would write holds what is of this run only
            parameters=given,
            engine_name=shell.NAME,
            kernel_name="python3",  # the language, also where the notebook names none
            progress_bar=False,
            stdout_file=messages,
            request_save_on_cell_execute=False,
        )
    except PapermillExecutionError as error:
        if error.traceback == [error.evalue]:  # how a Fault shows itself in a notebook
            raise Fault(error.evalue) from error
        raise
    _require_whole(executed, template.name)
    part = output.with_suffix(".part.ipynb")
    try:
        _write(_placeless(executed, Path.cwd(), asked.own), part)
        os.replace(part, output)  # noqa: PTH105  the atomic one
    finally:
        part.unlink(missing_ok=True)


def _require_whole(executed: Any, name: str) -> None:  # noqa: ANN401  papermill is untyped
    for cell in executed.cells:
        status = cell.metadata.get("papermill", {}).get("status")
        if cell.cell_type == "code" and status != "completed":
            raise Fault(
                "the notebook ended early",
                where=name,
                expected="all cells run",
                found=status,
            )


def _placeless(executed: Any, folder: Path, own: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The executed notebook without what is true of this machine and this run only."""
    noted = executed.metadata.get("papermill", {})
    for name in PLACES:
        noted.pop(name, None)
    noted["parameters"] = {k: v for k, v in noted.get("parameters", {}).items() if k not in own}
    for cell in executed.cells:
        if INJECTED in cell.metadata.get("tags", ()):
            lines = cell.source.splitlines()
            cell.source = "\n".join(x for x in lines if x.partition(" = ")[0] not in own)
    values = [*noted["parameters"].values(), *own.values()]
    return _replaced(executed, list(_relative(values, folder)))


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


def _write(executed: Any, path: Path) -> None:  # noqa: ANN401
    import nbformat  # noqa: PLC0415

    nbformat.write(executed, path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
