"""A book's own export: what is in it is what the audit reads, in one snapshot."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from books import rows

from settle_core.audit import audit
from settle_core.balancing.book import Book
from settle_core.errors import Fault
from settle_core.exports.databases.postgres import pull
from settle_core.exports.files import control_totals
from settle_core.exports.profiles import profile

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_export_of_a_book_is_audited_as_reconciled(
    book: Book, url: str, tmp_path: Path, form: Literal["parquet", "csv"]
) -> None:
    book.post_many(
        [{"account_id": a, "effective_date": DAY, "amount": Decimal("50.00")} for a in "ab"]
    )
    book.settle(WEEK)
    for _ in range(2):
        book.post("a", DAY, Decimal("50.00"), job_id="j", memo='x,"y"\n')
    folder = book.export(tmp_path / "export", format=form)
    audited = audit.run(folder, "canonical")
    assert audited.verdict == "reconciled"
    assert (audited.late_entries, audited.counters, audited.rejected) == (2, 2, ())
    assert [i.rows_read for i in audited.inputs] == [len(rows(url)), 2]
    assert control_totals.differences(folder) == []
    again = book.export(tmp_path / "again", format=form)
    assert [p.name for p in sorted(folder.iterdir())] == [p.name for p in sorted(again.iterdir())]
    for table in ("entries", "settlements"):
        assert (folder / f"{table}.{form}").read_bytes() == (again / f"{table}.{form}").read_bytes()


def test_csv_of_a_book_has_iso_instants(book: Book, tmp_path: Path) -> None:
    book.post(7, DAY, Decimal("1.50"), memo="")
    lines = (book.export(tmp_path / "x", format="csv") / "entries.csv").read_text().splitlines()
    assert lines[0].startswith("entry_id,account_id,effective_date,amount,kind,recorded_at,job_id")
    assert lines[1].startswith("1,7,2026-08-05,1.50,entry,20")
    assert lines[1].split(",")[5].endswith("Z")
    assert len(lines[1].split(",")[5]) == len("2026-08-05T00:00:00.000000Z")


def test_export_does_not_overwrite(book: Book, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").write_text("mine")
    with pytest.raises(Fault, match="the folder holds something"):
        book.export(tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["x"]


def test_pull_of_a_book_equals_its_export(database: str, tmp_path: Path) -> None:
    with Book.open(database) as book:
        book.post("a", DAY, 1)
        book.settle(WEEK)
        book.post("a", DAY, 5)
        exported = book.export(tmp_path / "exported")
    pulled = pull(database, profile.load("canonical"), tmp_path / "pulled")
    for name in ("entries.parquet", "settlements.parquet"):
        assert (exported / name).read_bytes() == (pulled / name).read_bytes()
