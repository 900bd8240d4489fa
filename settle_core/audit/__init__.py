"""The audit: from an export to its findings, in memory and as the files of a run folder.

Public are `run` and `Audit`; the modules are internal.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from settle_core.audit.audit import Audit, run

__all__ = ["Audit", "run"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (a class or a function)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("settle_core.audit.audit"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
