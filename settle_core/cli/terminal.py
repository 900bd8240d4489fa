"""How lines look in a terminal: wrapped at its width, with colour where nobody asked for none."""

import os
import shutil
import sys
import textwrap
from typing import Final

import click

COLOURS: Final = {
    "incomplete": "magenta",
    "broken": "red",
    "masked": "yellow",
    "pending": "blue",
    "reconciled": "green",
    "open": "red",
    "accepted": "green",
}


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
    """A line at the terminal's width; what goes on is indented, by default as the line is."""
    if not is_one() or not line:
        return line
    blanks = len(line) - len(line.lstrip()) if indent is None else indent
    return textwrap.fill(line, width(), subsequent_indent=" " * blanks)
