"""A long audit says what it is doing and how far it is: here the live line of a terminal."""

import io

from settle_core import notebook


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_terminal_has_one_line_that_is_cleared() -> None:
    terminal = Terminal()
    shown = notebook.Shown(terminal)
    shown.write("\rreading data/sample   \rstep 1 of 2: scope")
    shown.end()
    assert "\n" not in terminal.getvalue()
    lines = terminal.getvalue().split("\r")
    assert [line.strip() for line in lines if line.strip()] == [
        "reading data/sample",
        "step 1 of 2: scope",
    ]
    assert {len(line) for line in lines if line} == {notebook.WIDTH}
