"""A notebook's cells run in the process that asks for it, as an engine of papermill.

A Jupyter kernel is a server that its client talks to by sockets, so that both outlive each other. A
command that runs a notebook from end to end needs none of that: imports are done twice for it, and
an audit of a small export costs a fifth more. IPython itself says what a cell shows, here and
there, so that the executed notebook is the same.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TextIO

# Before IPython takes the place of `__main__`: without a file DuckDB takes it for a terminal where
# somebody sits, and draws a bar there.
import duckdb  # noqa: F401
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets import Type
from traitlets.config import Config

NAME: Final = "settle_core"  # of this engine
# What an IPython kernel says of its language when it is asked.
LANGUAGE: Final = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}


class Outputs(list[Any]):
    """What a cell has put out so far, as the notebook's format has it."""

    def add(self, kind: str, **parts: Any) -> None:  # noqa: ANN401  each kind has its own
        """Add an output of a kind."""
        self.append(new_output(kind, **parts))  # type: ignore[no-untyped-call]

    def write(self, name: str, text: str) -> None:
        """Add text to a stream, in one piece with what it put out just before."""
        last = self[-1] if self else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self.add("stream", name=name, text=text)


class _Stream:
    """A standard stream of a cell, which somebody may look at meanwhile."""

    encoding: Final = "utf-8"

    def __init__(self, name: str, outputs: Outputs, shown: TextIO | None) -> None:
        self.name = name
        self.outputs = outputs
        self.shown = shown

    def write(self, text: str) -> int:
        self.outputs.write(self.name, text)
        if self.shown:
            self.shown.write(text)
        return len(text)

    def flush(self) -> None:
        if self.shown:
            self.shown.flush()

    def isatty(self) -> bool:
        return False


class _Results(DisplayHook):
    """The value that a cell ends with."""

    shell: "_Shell"

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(
        self, format_dict: Mapping[str, Any], md_dict: Mapping[str, Any] | None = None
    ) -> None:
        self.shell.outputs.add(
            "execute_result",
            data=dict(format_dict),
            metadata=dict(md_dict or {}),
            execution_count=self.prompt_count,
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Displayed(DisplayPublisher):
    """What a cell displays before it ends."""

    shell: "_Shell"

    def publish(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        *_: object,
        **__: object,
    ) -> None:
        self.shell.outputs.add("display_data", data=dict(data), metadata=dict(metadata or {}))


class _Shell(InteractiveShell):
    """IPython, whose outputs are kept instead of printed."""

    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displayed)
    kernel = None  # pandas takes a shell without one for a terminal, and leaves out columns
    outputs: Outputs

    def _showtraceback(self, etype: type, evalue: object, stb: list[str]) -> None:
        self.outputs.add("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


@contextmanager
def _shell() -> Iterator[_Shell]:
    """A shell of its own, which reads and leaves nothing in its user's folder."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        before = sys.displayhook
        os.environ["IPYTHONDIR"] = folder  # this process is our own, see `kernel`
        shell = _Shell.instance(config=config)
        shell.outputs = Outputs()
        try:
            yield shell
        finally:
            _Shell.clear_instance()
            sys.displayhook = before


class InProcess(Engine):  # type: ignore[misc]
    """Runs a notebook's cells in this process, one after the other, until one of them fails."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        _kernel_name: str,
        *,
        stdout_file: TextIO | None = None,
        **_: object,
    ) -> None:
        """Run the cells and put what they show into the notebook.

        Args:
            nb_man: papermill's hold of the notebook.
            stdout_file: who looks at what the cells print, meanwhile.
        """
        nb_man.nb.metadata.language_info = LANGUAGE
        with _shell() as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                if cell.cell_type == "code" and not _run(shell, cell, stdout_file):
                    nb_man.cell_exception(cell, index)
                    break
                nb_man.cell_complete(cell, index)


def _run(shell: _Shell, cell: Any, shown: TextIO | None) -> bool:  # noqa: ANN401
    """Run a cell; whether it came to its end."""
    shell.outputs = Outputs()
    cell.execution_count = shell.execution_count
    streams = sys.stdout, sys.stderr
    sys.stdout = _Stream("stdout", shell.outputs, shown)
    sys.stderr = _Stream("stderr", shell.outputs, None)
    try:
        ran = shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
    finally:
        sys.stdout, sys.stderr = streams
    cell.outputs = list(shell.outputs)
    return bool(ran.success)


papermill_engines.register(NAME, InProcess)
