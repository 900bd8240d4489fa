"""The audit: from an export to its findings, in memory and as the files of a run folder.

Public are `run` and `Audit`; the modules are internal:

- the audit itself: `audit`, what is asked of it: `asked`, which engine reads: `engines`; questions
  in SQL: `questions`
- what it finds: `finding`, `walk`; what would put it right: `correction`; what is accepted:
  `disposition`; what is new since the run before: `comparison`; how old the export is: `age`
- what must hold of every run: `invariants`; the verdict, and what is told of a few weeks:
  `checking`
- a run folder: `run_folder`; its files: `summary`, `workbook` by `sheets`
- what reads one: `terminal_lines`, `explain`, `listing`, `alert`
- is a run as it was written: `verify` by `consistency`, with `workbook_check`, and
  `reperformance`; what of it is `another_build`'s; `seal`; an archive: `archive_check`
- counter-entries that are owed now: `owed`
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
