"""Progress: what a long audit is doing and how far it is, for who sits before it or for a log.

The modules that work say so by `logging`; here it is shown.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

LOGGER: Final = "settle_core"
WIDTH: Final = 60  # of the line, so that a shorter one covers a longer one


def show() -> None:
    """Show the steps in a notebook's cell, on one line that each step writes anew."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(f"\r%(message)-{WIDTH}s"))
    handler.terminator = ""
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)


class Shown:
    """What a notebook's cells print, shown as it comes: in a terminal one line, else a log."""

    def __init__(self, stream: TextIO) -> None:
        """Show it on a stream."""
        self.stream = stream
        self.is_live = stream.isatty()

    def write(self, text: str) -> None:
        """Show the steps in a text that a cell printed."""
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
        if self.is_live:
            self.stream.write(f"\r{'':<{WIDTH}}\r")
            self.flush()
