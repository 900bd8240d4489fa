"""Which store a book's rows are in: DuckDB, PostgreSQL, or the caller's own transaction on it."""

from typing import TYPE_CHECKING, Any, Final

from settle_core.embedded import DuckStore
from settle_core.refusal import BadBook
from settle_core.store import About, Store

if TYPE_CHECKING:
    import psycopg

    from settle_core.postgres import PostgresStore

POSTGRES: Final = ("postgresql://", "postgres://")


def opened(where: str, made: About, wait_seconds: float) -> Store:
    """The store at an address or path. Raises BadBook: none, or of a book made otherwise."""
    if where.startswith(POSTGRES):
        return _checked(_postgres().connect(where, made, wait_seconds), made)
    return _checked(DuckStore(where, made, wait_seconds), made)


def joined(connection: "psycopg.Connection[Any]", made: About, wait_seconds: float) -> Store:
    """The store of a transaction. Raises as `opened`."""
    return _checked(_postgres()(connection, made, wait_seconds, is_joined=True), made)


def _checked(rows: Store, made: About) -> Store:
    if rows.about != made:
        rows.close()
        raise BadBook(f"a book made with {rows.about}", expected=str(made))
    return rows


def _postgres() -> "type[PostgresStore]":
    try:
        from settle_core.postgres import PostgresStore  # noqa: PLC0415  psycopg is an extra
    except ImportError as error:
        expected = "psycopg 3, which pip install 'settle-core[postgres]' brings"
        raise BadBook(str(error), expected=expected) from error
    return PostgresStore
