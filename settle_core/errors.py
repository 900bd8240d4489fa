"""Faults: what the user has to mend before an audit means anything.

A finding is data and is returned; a fault is raised and ends the command with exit code 2; anything
else is a bug and crashes.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Set in a notebook's kernel that a command started: its faults are read by who gave the command.
FOR_COMMAND = "SETTLE_COMMAND"
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")


# An address of a database with a password in it, given where something else belongs.
_PASSWORD = re.compile(r"(?<=:/)(/?[^\s:/@'\"]*):[^\s'\"]*@|(\bpassword=)[^\s'\"&]+")


def without_passwords(text: str) -> str:
    """A text without the passwords of addresses that stand in it."""
    return _PASSWORD.sub(lambda found: f"{found[2]}***" if found[2] else f"{found[1]}:***@", text)


class Fault(Exception):
    """Input or environment that cannot be worked with.

    Options are written as on the command line, `--as-of`; in a notebook that somebody runs there,
    they are called as the parameters are, `as_of`.

    Args:
        what: the thing that is wrong, as a short clause.
        where: file, table, line or parameter.
        expected: what would have been right.
        found: what is there instead.
        todo: the next step for the person who reads it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        expected: str = "",
        found: str = "",
        todo: str = "",
    ) -> None:
        """Keep the parts; the message is their line."""
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.todo = todo
        super().__init__(what)

    def __str__(self) -> str:
        """The line, in the terms of the caller."""
        return self.line()

    def line(self) -> str:
        """The fault as one line: what, where, expected, found, what to do."""
        where, expected, todo = map(_in_terms_of_the_caller, (self.where, self.expected, self.todo))
        parts = [self.what]
        if where:
            parts[0] += f" in {where}"
        if expected:
            parts.append(f"expected {expected}")
        if self.found:
            parts.append(f"found {self.found}")
        text = ": ".join((parts[0], ", ".join(parts[1:]))) if parts[1:] else parts[0]
        if todo:
            text += f"; {todo}"
        return without_passwords(" ".join(text.split()))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it in a notebook: the line, and no traceback."""
        return [self.line()]


def of_system(error: OSError, where: str = "") -> Fault:
    """What the system refused, as a fault: a full disk, a missing permission and the like."""
    place = where or str(error.filename or "")
    if isinstance(error, FileExistsError | NotADirectoryError):
        found = f"a file in {error.filename}" if str(error.filename) != place else "a file"
        todo = "name another folder, or move the file away"
        return Fault("not a folder", where=place, found=found, todo=todo)
    found = error.strerror or str(error) or type(error).__name__
    todo = "look at the disk's free space and the folder's permissions, or name another folder"
    return Fault("the system refused it", where=place, found=found, todo=todo)


@contextmanager
def writing(where: object) -> Iterator[None]:
    """What cannot be written there is a fault; `where` is named in it."""
    try:
        yield
    except OSError as error:
        raise of_system(error, str(where)) from error
    except Exception as error:
        # DuckDB and xlsxwriter have errors of their own for what the system said to them.
        if type(error).__name__ not in {"IOException", "FileCreateError"}:
            raise
        found = str(error).splitlines()[0]
        todo = "look at the disk's free space and the folder's permissions, or name another folder"
        raise Fault("it cannot be written", where=str(where), found=found, todo=todo) from error


def _in_terms_of_the_caller(text: str) -> str:
    if "--" not in text or not _is_in_a_notebook():
        return text
    return _OPTION.sub(lambda option: option[1].replace("-", "_"), text)


def _is_in_a_notebook() -> bool:
    """Whether this is a notebook's kernel that no command started."""
    kernel = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    return kernel is not None and kernel.initialized() and not os.environ.get(FOR_COMMAND)
