"""Faults: what the user has to mend before an audit means anything.

A finding is data and is returned; a fault is raised and ends the command with exit code 2; anything
else is a bug and crashes.
"""

import os
import re
import sys

# Set in a notebook's kernel that a command started: its faults are read by who gave the command.
FOR_COMMAND = "SETTLE_COMMAND"
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")


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
        return " ".join(text.split())

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it in a notebook: the line, and no traceback."""
        return [self.line()]


def _in_terms_of_the_caller(text: str) -> str:
    if "--" not in text or not _is_in_a_notebook():
        return text
    return _OPTION.sub(lambda option: option[1].replace("-", "_"), text)


def _is_in_a_notebook() -> bool:
    """Whether this is a notebook's kernel that no command started."""
    kernel = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    return kernel is not None and kernel.initialized() and not os.environ.get(FOR_COMMAND)
