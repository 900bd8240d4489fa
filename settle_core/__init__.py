"""Proves for each settled week that it kept its amount, or names what broke it.

Public are the names below and `settle_core.audit` with `run` and `Audit`; all else is internal.
They are imported when they are used, so that a help text or a `Book` costs no pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from settle_core import audit
    from settle_core.balancing.book import Book
    from settle_core.balancing.postings import Posting
    from settle_core.errors import Fault

__version__ = "0.1.0"
__all__ = ["Book", "Fault", "Posting", "__version__", "audit"]

_HOMES = {
    "Book": "settle_core.balancing.book",
    "Fault": "settle_core.errors",
    "Posting": "settle_core.balancing.postings",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (a class or a module)
    if name == "audit":
        return import_module("settle_core.audit")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
