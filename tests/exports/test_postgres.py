"""Exports of a book and of a foreign database: one snapshot, provably whole, no password."""

import json
import logging
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import psycopg
import pytest
from books import execute
from postgres import started

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.databases import postgres
from settle_core.exports.databases.postgres import pull
from settle_core.exports.files import control_totals
from settle_core.exports.profiles import profile

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
RAILS = """
CREATE TABLE ledgers (
    id bigserial PRIMARY KEY, user_id integer, "date" date, amount numeric, kind text,
    memo text, job_id uuid, created_at timestamp(6), secret text
);
CREATE TABLE settlements (
    user_id integer, week_start date, amount numeric(10, 2), settled_at timestamptz
);
INSERT INTO settlements VALUES (1, '2026-08-03', 10.50, '2026-08-11 00:00:00+02');
INSERT INTO ledgers (user_id, "date", amount, kind, memo, created_at, job_id) VALUES
    (1, '2026-08-05', 10.5, 'entry', 'a "quoted", odd' || chr(10) || 'memo', '2026-08-05', NULL),
    (1, '2026-08-06', -2.25, 'entry', '', '2026-08-12 10:00:00.12', gen_random_uuid()),
    (1, '2026-08-06', 2.25, 'counter', NULL, '2026-08-12 10:00:00.123456', gen_random_uuid())
"""


@pytest.fixture
def rails(database: str) -> str:
    execute(database, RAILS)
    return database


def test_pulled_tables_are_exact_and_audited(rails: str, tmp_path: Path) -> None:
    folder = pull(rails, profile.load("rails"), tmp_path / "out" / "pulled")
    assert sorted(p.name for p in folder.iterdir()) == [
        "control.json",
        "ledgers.parquet",
        "settlements.parquet",
    ]
    ledgers = duckdb.read_parquet(str(folder / "ledgers.parquet"))
    types = dict(zip(ledgers.columns, map(str, ledgers.types), strict=True))
    assert "secret" not in types
    assert types["amount"] == "DECIMAL(38,2)"
    assert types["created_at"] == "TIMESTAMP"
    assert [row[0] for row in ledgers.select("memo").fetchall()] == [
        'a "quoted", odd\nmemo',
        "",
        None,
    ]
    audited = audit.run(folder, "rails")
    assert (audited.verdict, audited.rejected) == ("reconciled", ())
    assert (audited.late_entries, audited.counters) == (1, 1)


def test_control_totals_are_those_of_the_database(rails: str, tmp_path: Path) -> None:
    folder = pull(rails, profile.load("rails"), tmp_path / "pulled")
    document = json.loads((folder / "control.json").read_text())
    entries, settlements = (table["totals"] for table in document["tables"])
    assert (entries["rows"], entries["amount"]) == (3, "10.50")
    assert (entries["first_id"], entries["last_id"]) == ("1", "3")
    assert (settlements["rows"], settlements["amount"]) == (1, "10.50")
    assert document["origin"]["database"] == "postgres"
    assert control_totals.differences(folder) == []


@pytest.mark.parametrize(
    ("change", "totals"),
    [
        ("FROM ledgers WHERE id <> 2", {"rows", "amount", "digest"}),
        ("FROM ledgers WHERE id <> 3", {"rows", "amount", "digest", "last_id"}),
        ("FROM ledgers UNION ALL FROM ledgers WHERE id = 1", {"rows", "amount", "digest"}),
    ],
)
def test_a_file_that_is_not_whole_differs(
    rails: str, tmp_path: Path, change: str, totals: set[str]
) -> None:
    folder = pull(rails, profile.load("rails"), tmp_path / "pulled")
    path = folder / "ledgers.parquet"
    with duckdb.connect() as con:
        con.read_parquet(str(path)).to_table("ledgers")
        con.sql(change).write_parquet(str(path))
    assert {d.total for d in control_totals.differences(folder)} == totals


def test_one_changed_value_differs_by_its_digest(rails: str, tmp_path: Path) -> None:
    folder = pull(rails, profile.load("rails"), tmp_path / "pulled")
    path = folder / "ledgers.parquet"
    with duckdb.connect() as con:
        con.read_parquet(str(path)).to_table("ledgers")
        con.execute("UPDATE ledgers SET user_id = 2 WHERE id = 3")
        con.table("ledgers").write_parquet(str(path))
    assert [(d.file, d.total) for d in control_totals.differences(folder)] == [
        ("ledgers.parquet", "digest")
    ]
    path.write_bytes(b"no parquet")
    assert [d.total for d in control_totals.differences(folder)] == ["file"]
    path.unlink()
    assert [d.total for d in control_totals.differences(folder)] == ["file"]
    (folder / "control.json").write_text("{}")
    with pytest.raises(Fault, match="control totals cannot be read"):
        control_totals.differences(folder)


def test_an_export_without_control_totals_has_no_differences(tmp_path: Path) -> None:
    assert control_totals.differences(tmp_path) == []


def test_what_is_written_meanwhile_is_in_no_file_and_no_total(
    rails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = control_totals.write

    def write_and_let_others_write(relation: duckdb.DuckDBPyRelation, path: Path) -> None:
        execute(rails, "INSERT INTO ledgers (user_id, amount) SELECT 1, 1.005 FROM ledgers")
        execute(rails, "INSERT INTO settlements SELECT * FROM settlements")
        write(relation, path)

    monkeypatch.setattr(control_totals, "write", write_and_let_others_write)
    folder = pull(rails, profile.load("rails"), tmp_path / "pulled")
    counts = [
        t["totals"]["rows"] for t in json.loads((folder / "control.json").read_text())["tables"]
    ]
    assert counts == [3, 1]
    assert control_totals.differences(folder) == []


def test_text_ids_and_odd_names_are_pulled(database: str, tmp_path: Path) -> None:
    execute(
        database,
        """
        CREATE TABLE "odd Name; --" (
            "entry ID" text, account_id text, effective_date date, amount integer, kind text,
            recorded_at timestamptz
        );
        CREATE TABLE settlements (
            account_id text, week_start date, settled_amount integer, settled_at timestamptz
        );
        INSERT INTO "odd Name; --" VALUES
            ('b', 'x', '2026-08-05', 5, 'entry', '2026-08-05'),
            ('B', 'x', '2026-08-05', 6, 'entry', '2026-08-05'),
            ('a%s', 'x', '2026-08-05', NULL, NULL, NULL)
        """,
    )
    chosen = profile.parse(
        '[entries]\nfile = "odd Name; --.*"\n[entries.columns]\nentry_id = "entry ID"', "odd"
    )
    folder = pull(database, chosen, tmp_path / "pulled")
    document = json.loads((folder / "control.json").read_text())
    totals = document["tables"][0]["totals"]
    assert (totals["rows"], totals["amount"]) == (3, "11")
    assert (totals["first_id"], totals["last_id"]) == ("B", "b")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("DROP TABLE ledgers", "no table 'ledgers' in the database"),
        ("ALTER TABLE ledgers RENAME user_id TO who", "no column 'user_id' in ledgers"),
        ("ALTER TABLE ledgers ALTER amount TYPE real", "column 'amount' holds money as real"),
        (
            "UPDATE ledgers SET amount = 'NaN' WHERE id = 1",
            "a value does not fit its column in ledgers",
        ),
    ],
    ids=lambda text: text[:20],
)
def test_what_cannot_be_exact_is_refused_and_nothing_left(
    rails: str, tmp_path: Path, change: str, message: str
) -> None:
    execute(rails, change)
    with pytest.raises(Fault, match=message):
        pull(rails, profile.load("rails"), tmp_path / "pulled")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_lost_a_row_on_its_way_is_a_fault(
    rails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = control_totals.read
    monkeypatch.setattr(control_totals, "read", lambda *given: read(*given).limit(2))
    with pytest.raises(
        Fault, match=r"what the database has: rows in ledgers\.parquet: expected 3, found 2"
    ):
        pull(rails, profile.load("rails"), tmp_path / "pulled")


def test_no_password_reaches_a_file_a_log_or_a_fault(
    rails: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"{rails}&password=hunter2"
    folder = pull(url, profile.load("rails"), tmp_path / "pulled")
    for path in folder.iterdir():
        assert b"hunter2" not in path.read_bytes()
    for bad in (
        "postgresql://user:hunter2@localhost:1/x?connect_timeout=2",
        "postgresql://user:hunter2@x@localhost/x",
        "postgresql://user:hunter2@localhost:port/x",
        "postgresql://user:50%hunter2@localhost/x",
        f"{url}&dbname=hunter2",
        f"{url}&options=-cno_such_setting%3Dhunter2",
    ):
        with pytest.raises(Fault) as fault:
            pull(bad, profile.load("rails"), tmp_path / "more")
        assert "hunter2" not in str(fault.value)
        assert fault.value.__cause__ is None
    assert "hunter2" not in caplog.text


def test_nothing_can_be_written_through_a_snapshot(rails: str) -> None:
    with (
        psycopg.connect(rails, autocommit=True) as con,
        postgres.Snapshot.taken(con),
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        con.execute("DELETE FROM ledgers")


def test_commits_come_along_where_the_server_keeps_them(tmp_path: Path) -> None:
    more = "INSERT INTO ledgers (user_id, amount, kind) VALUES (1, 1, 'entry')"
    with tempfile.TemporaryDirectory() as folder:
        with started(folder) as url:
            execute(url, RAILS)
            assert "committed_at" not in _entries(url, tmp_path / "before").columns
            execute(url, "ALTER SYSTEM SET track_commit_timestamp = on")
        with started(folder) as url:
            execute(url, more)
            known = _entries(url, tmp_path / "after").select("committed_at IS NOT NULL")
            # Of the first three nobody kept it.
            assert [each for (each,) in known.fetchall()] == [False, False, False, True]


def _entries(url: str, out: Path) -> duckdb.DuckDBPyRelation:
    return duckdb.read_parquet(str(pull(url, profile.load("rails"), out) / "ledgers.parquet"))
