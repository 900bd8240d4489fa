"""Python's garbage collector, paused while a great many records are made.

Records hold no cycles, which is all that it looks for; looking through them again and again took a
tenth of an audit of five million entries.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector; it goes on afterwards if it was at work. Also a decorator."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()
