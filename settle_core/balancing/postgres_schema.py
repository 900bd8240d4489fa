"""Making a book on PostgreSQL, migrating one of an earlier version, renewing its functions.

Each in one transaction, by one of those who come at the same time. A book of an earlier version is
migrated step by step when its owner opens it; whoever is not the owner is told so. What was done,
by whom and with which library stands in `settle.renewal`.
"""

import hashlib
import re
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from settle_core import __version__, sql
from settle_core.balancing.errors import BadBook
from settle_core.balancing.postgres_errors import first_line
from settle_core.balancing.store import VERSION, About

STEPS: Final = (
    "answer",
    "enter",
    "fix",
    "open_account",
    "open_unknown",
    "owed",
    "posted",
    "reused",
    "settled",
    "unsettled",
)
MIGRATIONS: Final = {1: "postgres_1_to_2", 2: "postgres_2_to_3"}
# What the tables of the present version come with, in the order in which it is made.
REST: Final = ("postgres_traces", "postgres_views", "settled_week")
_GUARD: Final = re.compile(r"ENABLE ALWAYS TRIGGER (\w+)")


class Schema:
    """The schema `settle` of a connection."""

    def __init__(self, con: "psycopg.Connection[Any]") -> None:
        self._con = con

    def demanded(self, made: About) -> About:
        """The book that is there: made as `made` says if there is none, and brought up to date.

        Raises:
            BadBook: made by a newer library, not to be migrated by this role, or a guard is off.
        """
        if not self.run("postgres_there")[0][0]:
            self._locked(made)
        found = About(*self.run("about")[0])
        if found.version < VERSION or (found.version == VERSION and self._is_old()):
            self._locked(made)
            found = About(*self.run("about")[0])
        if found.version > VERSION:
            raise BadBook(
                f"a book of version {found.version}",
                expected=f"version {VERSION} or older; install the newer settle-core",
            )
        on = {name for (name,) in self.run("postgres_guards_on")}
        if off := sorted(guards() - on):
            raise BadBook(f"guards that are off: {', '.join(off)}", expected="all of them")
        return found

    def _is_old(self) -> bool:
        """Whether this library has other functions, and is not the older one of the two."""
        rows = self.run("postgres_renewed")
        if not rows:
            return True
        library, digest = rows[0]
        return bool(digest != functions()[1]) and _numbers(library) <= _numbers(__version__)

    def _locked(self, made: About) -> None:
        try:
            with self._con.transaction():
                self.run("postgres_maker")
                if not self.run("postgres_there")[0][0]:
                    self._make(made)
                else:
                    self._renew(About(*self.run("about")[0]))
        except errors.InsufficientPrivilege as error:
            expected = f"a book of version {VERSION}, which its owner makes by opening it once"
            raise BadBook(first_line(error), expected=expected) from error
        except (errors.CheckViolation, errors.DependentObjectsStillExist) as error:
            raise BadBook(
                f"a book that cannot be migrated: {first_line(error)}; nothing was changed"
            ) from error

    def _make(self, made: About) -> None:
        self._execute(_formatted("postgres", made))
        self._complete()
        self.run_only("about_new", **made._asdict())

    def _renew(self, found: About) -> None:
        if found.version < VERSION:
            for version in range(found.version, VERSION):
                self._execute(_formatted(MIGRATIONS[version], found))
            self._complete()
        elif found.version == VERSION and self._is_old():
            self._renew_functions()

    def _complete(self) -> None:
        for name in REST:
            self._execute(sql.text("balancing", name))
        self._execute(sql.text("balancing", "postgres_guarding"))
        self._execute(sql.text("balancing", "postgres_guards"))
        self._renew_functions()

    def _renew_functions(self) -> None:
        text, digest = functions()
        self._execute(text)
        given = {"version": VERSION, "library": __version__, "digest": digest}
        self.run_only("postgres_renewal_new", **given)

    def run(self, name: str, **given: object) -> list[tuple[Any, ...]]:
        """Run one statement of `sql/`, and give its rows."""
        return self._con.cursor(row_factory=tuple_row).execute(bound(name), given).fetchall()

    def run_only(self, name: str, **given: object) -> None:
        """Run one statement of `sql/` that gives no rows."""
        self._con.cursor(row_factory=tuple_row).execute(bound(name), given)

    def _execute(self, text: str) -> None:
        self._con.execute(text.encode())


def guards() -> frozenset[str]:
    """The triggers that a book must have, each of them on in every session."""
    return frozenset(_GUARD.findall(sql.text("balancing", "postgres_guards")))


@cache
def functions() -> tuple[str, str]:
    """The text that makes all functions of a book, and its digest."""
    steps = {step: sql.renamed(sql.text("balancing", step), "given_") for step in STEPS}
    calls = sql.text("balancing", "postgres_functions").format(**steps)
    text = sql.text("balancing", "postgres_guarding") + "\n\n" + calls
    return text, hashlib.sha256(text.encode()).hexdigest()


@cache
def bound(name: str) -> bytes:
    """One statement with its parameters `$name` in psycopg's form."""
    return sql.for_psycopg(sql.text("balancing", name)).encode()


def _formatted(name: str, about: About) -> str:
    return sql.text("balancing", name).format(**about._asdict())


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
