"""Rows that cannot be accepted, beside entries that are read where they lie, as with all stored."""

import uuid
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from eventful import Eventful, as_parquet
from two_ways import PROFILE, holds, with_threads

from settle_core.audit import audit


def none(column: str, rows: str) -> dict[str, str]:
    return {column: f"CASE WHEN {rows} THEN NULL ELSE {column} END"}


def same_id(rows: str, as_of: str = "MIN") -> dict[str, str]:
    return {"entry_id": f"CASE WHEN {rows} THEN {as_of}(entry_id) OVER () ELSE entry_id END"}


# What becomes of columns, by SQL over `i`, the number of the row from 0, and `n`, how many rows.
CHANGES = {
    "no amount": none("amount", "i IN (0, 3, 40, n - 1)"),
    "no id": none("entry_id", "i IN (7, n - 1)"),
    "no account": none("account_id", "i IN (7, 8, 9)"),
    "no day": none("effective_date", "i % 50 = 3"),
    "an unknown kind": {"kind": "CASE WHEN i % 37 = 5 THEN 'fee' ELSE kind END"},
    "no instant": none("recorded_at", "i % 41 = 5"),
    "the last id again": same_id("i = n - 2", "MAX"),
    "an id often": same_id("i % 31 = 0"),
    "the id of a row without kind": same_id("i IN (4, 5, 90)") | none("kind", "i IN (0, 50, 90)"),
    "nothing at all": (
        none("entry_id", "i = 60") | none("account_id", "i IN (20, 60)") | none("amount", "i = 60")
    ),
    "all of many days": none("amount", "i < 90"),
}
ORDERS = ("i", "HASH(i)", "-i")


def made(  # noqa: PLR0913, PLR0917
    folder: Path,
    seed: int,
    change: dict[str, str],
    order: str = "i",
    settled: str = "settled_amount",
    entry: Callable[[int], str] | None = None,
) -> dict[str, str]:
    """An export as Parquet of which rows were changed, and how to audit it."""
    ledger = Eventful(seed, accounts=12)
    if entry:
        ledger.rename(entry, entry)
    ledger.write(folder / "csv", has_answers=bool(seed % 2))
    texts = ["entry_id", "account_id"] if entry else []
    as_parquet(folder / "csv", folder / "parquet", "amount", "answers", *texts)
    changes = {"entries": (change, order), "settlements": ({"settled_amount": settled}, "i")}
    with duckdb.connect() as con:
        for table, (columns, by) in changes.items():
            path = folder / "parquet" / f"{table}.parquet"
            told = ", ".join(f"{value} AS {name}" for name, value in columns.items())
            con.execute(f"""
                CREATE OR REPLACE TABLE changed AS
                SELECT * EXCLUDE (i, n, file_row_number) REPLACE ({told})
                FROM (
                    SELECT *, file_row_number AS i, COUNT(*) OVER () AS n
                    FROM READ_PARQUET('{path}', file_row_number = true)
                )
                ORDER BY {by}
            """)  # noqa: S608
            con.table("changed").write_parquet(str(path))
    (folder / "profile.toml").write_text(PROFILE, "utf-8")
    return {"export": str(folder / "parquet"), "profile": str(folder / "profile.toml")}


@pytest.mark.parametrize(
    ("change", "order"),
    [*zip(CHANGES, 4 * ORDERS, strict=False), ("no amount", ORDERS[1]), ("an id often", ORDERS[0])],
)
def test_rows_are_left_out_of_a_file_as_of_a_table(
    change: str, order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = 50 + list(CHANGES).index(change)
    given = made(tmp_path, seed, CHANGES[change], order)
    assert holds(monkeypatch, given, is_stored=False)["rejected"]


@pytest.mark.parametrize("change", ["no id", "an id often", "the id of a row without kind"])
def test_rows_of_ids_that_are_text_are_left_out(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def entry(number: int) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}"))

    given = made(tmp_path, 70, CHANGES[change], entry=entry)
    assert holds(monkeypatch, given, is_stored=False)["rejected"]


def test_settlements_are_rejected_beside_entries_and_after_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = "CASE WHEN i IN (5, 9) THEN NULL ELSE settled_amount END"
    given = made(tmp_path, 71, CHANGES["no amount"], settled=settled)
    rejected = holds(monkeypatch, given, is_stored=False)["rejected"]
    assert [row.file for row in rejected] == ["entries.parquet"] * 4 + ["settlements.parquet"] * 2


def test_ids_that_are_text_in_rejected_rows_alone_are_whole_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {
        "entry_id": "CASE WHEN i = 3 THEN 'x' ELSE CAST(entry_id AS VARCHAR) END",
        **none("kind", "i = 3"),
    }
    given = made(tmp_path, 72, text)
    told = holds(monkeypatch, given)
    assert len(told["rejected"]) == 1


def test_too_many_rejected_rows_send_all_past_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("settle_core.exports.arrays.passed", "settle_core.exports.reading.left_out"):
        monkeypatch.setattr(f"{name}.kept_max", lambda _: 5)
    for folder, change in (("unread", none("amount", "i % 9 = 0")), ("twice", same_id("i < 9"))):
        (tmp_path / folder).mkdir()
        given = made(tmp_path / folder, 73, change)
        assert len(holds(monkeypatch, given)["rejected"]) > 5


def test_rows_are_left_out_alike_with_one_thread_and_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_threads = with_threads(monkeypatch)
    given = made(tmp_path, 74, CHANGES["the id of a row without kind"], ORDERS[1])
    told = []
    for threads in (1, 2):
        set_threads(threads)
        run = audit.run(**given)
        assert run.ledger.unstored is not None
        told.append((run.findings, run.corrections, list(run.rejected), run.manifest()))
    assert told[0] == told[1]
