"""How lines look in a terminal: wrapped at its width, with colour where nobody asked for none."""

import codecs
import io
import os
import shutil
import sys
import textwrap
import traceback
from contextlib import suppress
from typing import Final

import click

from settle_core import errors, formats
from settle_core.errors import Fault

CRASHED: Final = 3  # a bug, which must look like neither a result nor a fault
COLOURS: Final = {
    "incomplete": "magenta",
    "broken": "red",
    "masked": "yellow",
    "pending": "blue",
    "reconciled": "green",
    "open": "red",
    "accepted": "green",
}

# What a terminal of few letters has in place of what it lacks.
PLAIN: Final = {formats.MINUS: "-", formats.DOTS: "...", formats.GAP: " ", "\N{MICRO SIGN}": "u"}


class Export(click.ParamType[str]):
    """The folder of an export. Empty, as a variable is that was never set, it is not this one."""

    name = "export"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The same; fails for an empty one."""
        if not str(value).strip():
            self.fail("it is empty: name the folder of the exported files", param, ctx)
        return str(value)


EXPORT: Final = Export()


def spell_out() -> None:
    """Let no sign that a terminal lacks, as that of Latin-1 lacks a minus sign, end a command."""
    codecs.register_error("settle", _in_plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors="settle")


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    spelt = (PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return "".join(spelt), error.end


def is_one() -> bool:
    """Whether somebody looks at a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """Its columns; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def painted(word: str, text: str = "") -> str:
    """A word in its colour; `text` stands for it, the word with blanks round it."""
    if not is_one() or "NO_COLOR" in os.environ:
        return text or word
    return click.style(text or word, fg=COLOURS.get(word), bold=True)


def wrapped(line: str, indent: int | None = None) -> str:
    """A line at the terminal's width; what goes on is indented, by default as the line is.

    Parts of it are from data.
    """
    line = formats.clean(line)
    if not is_one() or not line:
        return line
    blanks = len(line) - len(line.lstrip()) if indent is None else indent
    return textwrap.fill(line, width(), subsequent_indent=" " * blanks)


def tell(*lines: str, err: bool = False) -> None:
    """Print lines of which parts are from data: a terminal obeys nothing in them."""
    click.echo("\n".join(map(formats.clean, lines)), err=err)


def say(line: str) -> None:
    """A line on stderr; parts of it are from data."""
    with suppress(OSError, ValueError):
        tell(line, err=True)


def say_ended(error: Exception) -> int:
    """Say why a command came to no end; its exit code, of which 1 would mean findings."""
    fault = _fault(error)
    if fault is None:
        traceback.print_exception(error)
        return CRASHED
    say(f"settle: {fault}")
    return 2


def _fault(error: Exception) -> Fault | None:
    """What the user can mend: a fault, or what memory or disk refused the database."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, OSError):
        return errors.of_system(error)
    from settle_core.exports.files import memory  # noqa: PLC0415  (help texts stay fast)

    try:
        with suppress(type(error)), memory.told():
            raise error
    except Fault as fault:
        return fault
    return None
