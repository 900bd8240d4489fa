"""Ids that are text, or in no order, give with the pass what the steps alone give."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from eventful import Eventful, as_parquet
from two_ways import PROFILE, holds, with_threads

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.arrays import arrow, unique_ids, whole_pass
from settle_core.exports.arrays.arrow import Batch, Text
from settle_core.exports.checks import agreement

Name = Callable[[int], str]


def as_uuid(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}"))


def with_zeros(number: int) -> str:
    """Some as they are, some with zeros before: '7', '07', '007'."""
    return f"{'0' * (number % 3)}{number}"


def in_cases(number: int) -> str:
    """Two by two the same but for capitals, with spaces."""
    return f" {'Ab' if number % 2 else 'aB'}  {number // 2}"


def document(number: int) -> str:
    """One in ten is very long, one longer still."""
    tail = "x" * 10_000 if number % 997 == 0 else "Ü" * (number % 10 == 0) * 40
    return f"INV-2024-{number % 7}-{number}{tail}"


def made(  # noqa: PLR0913
    tmp_path: Path,
    seed: int,
    entry: Name = str,
    account: Name = str,
    *,
    has_answers: bool = False,
    change: Callable[[Eventful], None] = lambda _: None,
) -> Path:
    """An export as CSV in the folder csv, and as Parquet in the folder parquet."""
    ledger = Eventful(seed, accounts=10)
    ledger.rename(entry, account)
    change(ledger)
    ledger.write(tmp_path / "csv", has_answers=has_answers)
    texts = [n for n, to in (("entry_id", entry), ("account_id", account)) if to is not str]
    as_parquet(tmp_path / "csv", tmp_path / "parquet", "amount", "answers", *texts)
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")
    return tmp_path


def given(folder: Path, form: str) -> dict[str, str]:
    return {"export": str(folder / form), "profile": str(folder / "profile.toml")}


def in_pieces(size: int) -> Callable[[duckdb.DuckDBPyRelation], Iterator[Batch]]:
    """Batches of so many rows, whatever DuckDB makes."""
    whole = arrow.batches

    def batches(relation: duckdb.DuckDBPyRelation) -> Iterator[Batch]:
        for batch in whole(relation):
            for first in range(0, batch.length, size):
                last = min(first + size, batch.length)
                numbers = {name: values[first:last] for name, values in batch.numbers.items()}
                texts = {
                    n: Text(t.starts[first : last + 1], t.bytes) for n, t in batch.texts.items()
                }
                missing = {n: is_not[first:last] for n, is_not in batch.missing.items()}
                yield Batch(last - first, numbers, texts, missing)

    return batches


@pytest.mark.parametrize(
    ("seed", "form", "entry", "account", "scope"),
    [
        (21, "csv", as_uuid, as_uuid, {}),
        (21, "parquet", as_uuid, as_uuid, {}),
        (22, "parquet", as_uuid, str, {"as_of": "2026-01-25T12:00Z"}),
        (23, "csv", str, as_uuid, {"weeks": "2026-01-12:2026-01-19"}),
        (24, "parquet", with_zeros, in_cases, {}),
        (25, "csv", document, with_zeros, {}),
        (25, "parquet", document, with_zeros, {}),
        (26, "parquet", in_cases, str, {}),
        (27, "parquet", str, in_cases, {}),
    ],
)
def test_text_ids_give_the_same_with_the_pass(  # noqa: PLR0913, PLR0917
    seed: int,
    form: str,
    entry: Name,
    account: Name,
    scope: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change(ledger: Eventful) -> None:
        """Of some ledgers two weeks were settled again, one of them at another amount."""
        for more in (0, 500) if seed % 3 == 0 else ():
            name, week, amount, at = ledger.settlements[more // 100]
            ledger.settlements.append((name, week, amount + more, at + timedelta(hours=30)))

    has_answers = seed % 2 == 0
    folder = made(tmp_path, seed, entry, account, has_answers=has_answers, change=change)
    monkeypatch.setattr(arrow, "batches", in_pieces(13))
    is_stored = form == "csv" or bool(scope)  # a part of an export is read from its rows
    holds(monkeypatch, given(folder, form) | scope, is_stored=is_stored)


@pytest.mark.parametrize(
    "order",
    [
        lambda row: (row["account_id"], row["effective_date"]),
        lambda row: -row["entry_id"],
        lambda row: as_uuid(row["entry_id"]),
    ],
    ids=["by account", "backwards", "at random"],
)
def test_whole_numbers_in_any_order_give_the_same_with_the_pass(
    order: Callable[[dict[str, Any]], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(ledger: Eventful) -> None:
        for row in ledger.entries:
            row["entry_id"], row["account_id"] = int(row["entry_id"]), int(row["account_id"])
        ledger.entries.sort(key=order)

    folder = made(tmp_path, 31, has_answers=True, change=change)
    monkeypatch.setattr(arrow, "batches", in_pieces(100))
    holds(monkeypatch, given(folder, "parquet"), is_stored=False)


@pytest.mark.parametrize(
    ("entry", "form"), [(as_uuid, "csv"), (as_uuid, "parquet"), (str, "parquet")]
)
def test_an_id_that_is_there_twice_is_rejected_as_ever(
    entry: Name, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(ledger: Eventful) -> None:
        ledger.entries[-3]["entry_id"] = ledger.entries[5]["entry_id"]

    folder = made(tmp_path, 32, entry, as_uuid, change=change)
    rejected = holds(monkeypatch, given(folder, form), is_stored=form == "csv")["rejected"]
    assert ["stands already in line" in row.reason for row in rejected] == [True]


def test_an_id_that_is_missing_is_rejected_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(ledger: Eventful) -> None:
        ledger.entries[40]["entry_id"] = ""
        ledger.entries[50]["account_id"] = ""

    folder = made(tmp_path, 33, as_uuid, as_uuid, change=change)
    for form in ("csv", "parquet"):
        told = holds(monkeypatch, given(folder, form), is_stored=form == "csv")
        assert len(told["rejected"]) == 2


def test_text_ids_without_a_late_row_give_the_same_with_the_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(ledger: Eventful) -> None:
        kept = [row for row in ledger.entries if row["kind"] == "entry" and not row["job"]]
        early = {row["recorded_at"]: row for row in kept}
        settled = min(at for *_, at in ledger.settlements)
        ledger.entries = [row for at, row in early.items() if at < settled]

    folder = made(tmp_path, 38, as_uuid, as_uuid, change=change)
    told = holds(monkeypatch, given(folder, "parquet"), is_stored=False)
    assert not told["late_entry"] + told["late_counter"] + told["timely_counter"]


@pytest.mark.parametrize("twice", [0, 1])
def test_ids_of_one_hash_are_looked_at(
    twice: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(ledger: Eventful) -> None:
        if twice:
            ledger.entries[-3]["entry_id"] = ledger.entries[5]["entry_id"]

    folder = made(tmp_path, 34, as_uuid, change=change)
    monkeypatch.setattr(unique_ids, "HASH_OF", "unicode")  # of the first letter
    holds(monkeypatch, given(folder, "parquet"), is_stored=False)
    monkeypatch.setattr(unique_ids, "ALIKE_MAX", 3)
    holds(monkeypatch, given(folder, "parquet"), is_passed=False)


def test_text_ids_give_the_same_with_one_thread_and_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_threads = with_threads(monkeypatch)
    folder = made(tmp_path, 35, as_uuid, as_uuid)
    told = []
    for threads in (1, 2):
        set_threads(threads)
        for form in ("csv", "parquet"):
            run = audit.run(**given(folder, form))
            told.append((run.findings, run.corrections))
    assert len(told[0][0]) > 30
    assert told[1:] == [told[0]] * 3


@pytest.mark.parametrize("which", ["entry_id", "account_id"])
def test_text_that_a_spreadsheet_rounded_is_refused_with_the_pass(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rounded(number: int) -> str:
        return f"1.{number:06d}E+15"

    entry, account = (rounded, str) if which == "entry_id" else (as_uuid, rounded)
    folder = made(tmp_path, 36, entry, account)
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    monkeypatch.setattr(agreement, "_is_seen_to_agree", lambda _: True)
    for form in ("csv", "parquet"):
        with pytest.raises(Fault, match=f"{which} was rounded by a spreadsheet"):
            audit.run(folder / form, "canonical")
