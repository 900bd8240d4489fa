"""Faults: what the user has to mend before an audit means anything.

A finding is data and is returned; a fault is raised and ends the command with exit code 2; anything
else is a bug and crashes.
"""


class Fault(Exception):
    """Input or environment that cannot be worked with.

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
        super().__init__(self.line())

    def line(self) -> str:
        """The fault as one line: what, where, expected, found, what to do."""
        parts = [self.what]
        if self.where:
            parts[0] += f" in {self.where}"
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.found:
            parts.append(f"found {self.found}")
        text = ": ".join((parts[0], ", ".join(parts[1:]))) if parts[1:] else parts[0]
        if self.todo:
            text += f"; {self.todo}"
        return " ".join(text.split())
