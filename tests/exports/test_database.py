"""Other sources than files: a query, a view, SQLite and MariaDB, whole and provably so."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pymysql
import pytest
from books import execute

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.databases.database import pull
from settle_core.exports.files import control_totals
from settle_core.exports.profiles import profile as profiles

ENTRIES = """
CREATE TABLE postings (
    no integer PRIMARY KEY, party varchar(20), booked date, side varchar(1), cents integer,
    what varchar(20), written varchar(40), note varchar(80)
)
"""
SETTLEMENTS = """
CREATE TABLE closings (party varchar(20), week date, cents integer, closed varchar(40))
"""
ROWS = """
INSERT INTO postings VALUES
    (1, 'a', '2026-08-05', 'C', 1050, 'entry', '2026-08-05T10:00:00Z', 'a "quoted", odd'),
    (2, 'a', '2026-08-06', 'D', 225, 'entry', '2026-08-12T10:00:00.12Z', ''),
    (3, 'a', '2026-08-06', 'C', 225, 'counter', '2026-08-12T10:00:05Z', NULL)
"""
CLOSED = "INSERT INTO closings VALUES ('a', '2026-08-03', 1050, '2026-08-10T22:00:00Z')"
PROFILE = """
[entries]
file = "postings.*"
amount = { column = "cents", direction = "side", plus = ["C"], minus = ["D"] }
pull_from = "SOURCE"
[entries.columns]
entry_id = "no"
account_id = "party"
effective_date = "booked"
kind = "what"
recorded_at = "written"
memo = "note"
[settlements]
file = "closings.*"
[settlements.columns]
account_id = "party"
week_start = "week"
settled_amount = "cents"
settled_at = "closed"
[money]
unit = "minor"
"""
QUERY = "SELECT * FROM postings WHERE no > 0;\n"


def profile(folder: Path, source: str = "") -> profiles.Profile:
    path = folder / "ours.toml"
    path.write_text(PROFILE.replace("SOURCE", source), "utf-8")
    (folder / "late.sql").write_text(QUERY, "utf-8")
    return profiles.load(str(path))


def demand_whole(folder: Path, read_by: profiles.Profile) -> None:
    """The pulled files hold what was written, and audit as they must."""
    assert sorted(p.name for p in folder.iterdir()) == [
        "closings.parquet",
        "control.json",
        "postings.parquet",
    ]
    rows = duckdb.read_parquet(str(folder / "postings.parquet")).order("no").project("note")
    assert [note for (note,) in rows.fetchall()] == ['a "quoted", odd', "", None]
    assert control_totals.differences(folder) == []
    audited = audit.run(folder, read_by.name)
    assert (audited.verdict, len(audited.rejected), len(audited.off_totals)) == ("reconciled", 0, 0)


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    path = tmp_path / "a folder" / "ledger.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as con:
        for statement in (ENTRIES, SETTLEMENTS, ROWS, CLOSED):
            con.execute(statement)
        con.execute("CREATE VIEW late AS SELECT * FROM postings")
    con.close()
    return path


@pytest.mark.parametrize("source", ["", "late", "late.sql"])
def test_sqlite_is_pulled_from_table_view_and_query(
    source: str, sqlite_file: Path, tmp_path: Path
) -> None:
    read_by = profile(tmp_path, source)
    demand_whole(pull(f"sqlite:///{sqlite_file}", read_by, tmp_path / "out"), read_by)


def test_sqlite_money_in_floats_is_refused(sqlite_file: Path, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite_file) as con:
        con.execute("UPDATE postings SET cents = 10.5 WHERE no = 1")
    con.close()
    with pytest.raises(Fault, match="'cents' holds money as real in postings"):
        pull(f"sqlite:///{sqlite_file}", profile(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_sqlite_amounts_as_text_are_summed_exactly(sqlite_file: Path, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite_file) as con:
        con.execute("CREATE TABLE texts AS SELECT no, '0.10' AS cents FROM postings")
        con.execute("UPDATE texts SET cents = '9007199254740993.01' WHERE no = 1")
        con.execute(
            "CREATE VIEW exact AS SELECT p.no, p.party, p.booked, p.side, t.cents, p.what, "
            "p.written, p.note FROM postings AS p JOIN texts AS t ON t.no = p.no"
        )
    con.close()
    folder = pull(f"sqlite:///{sqlite_file}", profile(tmp_path, "exact"), tmp_path / "out")
    text = (folder / control_totals.FILE).read_text("utf-8")
    assert '"amount": "9007199254740993.2100000000"' in text


def test_no_such_table_column_file_or_scheme(sqlite_file: Path, tmp_path: Path) -> None:
    url, out = f"sqlite:///{sqlite_file}", tmp_path / "out"
    with pytest.raises(Fault, match=r"no table 'elsewhere'.*pull_from"):
        pull(url, profile(tmp_path, "elsewhere"), out)
    with pytest.raises(Fault, match=r"the query cannot be read.*nowhere\.sql"):
        pull(url, profile(tmp_path, "nowhere.sql"), out)
    with pytest.raises(Fault, match="no such database"):
        pull(f"sqlite:///{tmp_path}/none.db", profile(tmp_path), out)
    with pytest.raises(Fault, match=r"SQLite cannot read this in ours\.toml"):
        pull(f"sqlite:///{tmp_path}/ours.toml", profile(tmp_path), out)
    with pytest.raises(Fault, match=r"no such kind of database.*found oracle"):
        pull("oracle://somewhere/db", profile(tmp_path), out)
    assert not out.exists()


@pytest.mark.parametrize("source", ["", "late", "late.sql"])
def test_postgres_is_pulled_from_table_view_and_query(
    source: str, database: str, tmp_path: Path
) -> None:
    execute(database, f"{ENTRIES}; {SETTLEMENTS}; {ROWS}; {CLOSED}")
    execute(database, "CREATE VIEW late AS SELECT * FROM postings")
    read_by = profile(tmp_path, source)
    demand_whole(pull(database, read_by, tmp_path / "out"), read_by)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The address of a MariaDB with a ledger, where the server is installed."""
    server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if not server or not install or not shutil.which("my_print_defaults"):
        pytest.skip("MariaDB is not installed: its server-core and client-core bring it")
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        data, user = f"--datadir={folder}/data", "--user=root"
        subprocess.run(
            [install, "--no-defaults", data, user, "--auth-root-authentication-method=normal"],
            check=True,
            capture_output=True,
        )
        taken.close()
        options = [f"--port={port}", f"--socket={folder}/s", "--bind-address=127.0.0.1"]
        with subprocess.Popen(
            [server, "--no-defaults", data, user, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            try:
                con = _connected(port)
                with con.cursor() as cursor:
                    for statement in (
                        "CREATE DATABASE ledger",
                        "USE ledger",
                        ENTRIES,
                        "ALTER TABLE postings MODIFY written timestamp(6) NULL",
                        SETTLEMENTS,
                        ROWS.replace("Z'", "'"),
                        CLOSED,
                        "CREATE VIEW late AS SELECT * FROM postings",
                        "COMMIT",
                    ):
                        cursor.execute(statement)
                con.close()
                yield f"mysql://root@127.0.0.1:{port}/ledger"
            finally:
                running.terminate()


def _connected(port: int) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    for _ in range(300):
        try:
            return pymysql.connect(
                host="127.0.0.1", port=port, user="root", init_command="SET time_zone = '+00:00'"
            )
        except pymysql.OperationalError:
            time.sleep(0.1)
    raise AssertionError("MariaDB does not answer")


@pytest.mark.parametrize("source", ["", "late", "late.sql"])
def test_mariadb_is_pulled_from_table_view_and_query(
    source: str, mariadb: str, tmp_path: Path
) -> None:
    read_by = profile(tmp_path, source)
    demand_whole(pull(mariadb, read_by, tmp_path / "out"), read_by)


def test_mariadb_that_does_not_answer_is_a_fault_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"no connection to MySQL in 127\.0") as caught:
        pull("mysql://me:secret@127.0.0.1:1/ledger", profile(tmp_path), tmp_path / "out")
    assert "secret" not in str(caught.value)
