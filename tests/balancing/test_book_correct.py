"""Corrections come into a book once, nothing counters them, and the audit is reconciled again."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread

import pytest
from books import harm, rows, total

from settle_core import contract
from settle_core.audit import audit, correction
from settle_core.balancing import corrections_file
from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadPosting, KeyReused, Unbalanced, Unsettled
from settle_core.balancing.postings import Posted, Posting
from settle_core.errors import Fault

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
OTHER = date(2026, 8, 6)
# Somebody goes around the library: counter-entries whose amounts are not those of their entries.
OFF = "UPDATE settle.entry SET amount = amount + 3 WHERE kind = 'counter' AND account_id <> 'c'"
# As the table allows them: of an entry that was in time, which nothing else answers.
TWICE = """
    INSERT INTO settle.entry (account_id, currency, week_start, effective_date, amount, kind,
        answers, observed, last_seen)
    SELECT account_id, currency, week_start, effective_date, -2.50, 'counter', 1, 12.50, 4
    FROM settle.entry WHERE entry_id = 1
"""


def broken(book: Book, url: str, how: str = OFF) -> None:
    """A book with settled weeks of three accounts, then damaged."""
    for account in "abc":
        book.post(account, DAY, Decimal("10.00"))
    book.settle(WEEK)
    for account in "abc":
        book.post(account, DAY, Decimal("2.50"))
    harm(url, how)


def proposed(book: Book, folder: Path) -> Path:
    """A run folder over the book as it is."""
    export = book.export(folder / "export")
    return audit.run(export).write(folder / "run")


@pytest.mark.parametrize(
    ("form", "how"),
    [("run folder", OFF), ("corrections.csv", TWICE), ("importable", OFF), ("importable", TWICE)],
    ids=["run folder", "corrections.csv, twice", "importable", "importable, twice"],
)
def test_corrected_book_is_reconciled_and_stays_so(
    book: Book, url: str, tmp_path: Path, form: str, how: str
) -> None:
    broken(book, url, how)
    before = audit.run(book.export(tmp_path / "export"))
    assert (before.verdict, bool(before.corrections)) == ("broken", True)
    run = before.write(tmp_path / "run")
    importable = tmp_path / "importable.csv"
    correction.importable(run, importable)
    file = {"run folder": run, "corrections.csv": run / "corrections.csv"}.get(form, importable)
    count = len(rows(url))
    posted = book.correct(file, job_id="j", attempt=1)
    assert book.correct(str(file)) == posted
    added = rows(url)[count:]
    assert [Posted(r["entry_id"], None) for r in added] == posted
    assert [(r["kind"], r["answers"], r["job_id"]) for r in added] == [
        ("correction", None, "j") for _ in before.corrections
    ]
    assert [(r["account_id"], r["effective_date"], r["amount"]) for r in added] == [
        (c.account_id, c.effective_date, c.amount) for c in before.corrections
    ]
    assert book.balance() == []
    after = audit.run(book.export(tmp_path / "after"))
    assert (after.verdict, after.weeks_off, after.corrections) == ("reconciled", 0, ())
    assert {f.status for f in after.findings if f.severity != "info"} == set()

    # What comes late to a corrected day is answered as ever.
    assert book.post("a", DAY, Decimal("1.25")).counter_id is not None
    assert total(url, "a") == Decimal("10.00")
    later = audit.run(book.export(tmp_path / "later"))
    assert (later.verdict, later.weeks_off, later.corrections) == ("reconciled", 0, ())


def test_the_same_file_in_two_forms_is_imported_once(book: Book, url: str, tmp_path: Path) -> None:
    broken(book, url)
    run = proposed(book, tmp_path)
    correction.importable(run, tmp_path / "importable.csv")
    assert book.correct(tmp_path / "importable.csv") == book.correct(run)
    assert len(rows(url)) == 11


def test_writers_at_once_import_once(book: Book, url: str, tmp_path: Path) -> None:
    broken(book, url)
    run = proposed(book, tmp_path)
    start, got = Barrier(2), []

    def writer() -> None:
        with Book.open(url) as own:
            start.wait()
            got.append(own.correct(run))

    threads = [Thread(target=writer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got[0] == got[1]
    assert len(rows(url)) == 11


def test_what_was_put_right_meanwhile_is_not_put_right_twice(
    book: Book, url: str, tmp_path: Path
) -> None:
    broken(book, url)
    run = proposed(book, tmp_path)
    harm(url, OFF.replace("+ 3", "- 3"))
    before = rows(url)
    with pytest.raises(Unbalanced):
        book.correct(run)
    assert rows(url) == before


def test_late_entry_that_waits_is_not_corrected_away(book: Book, url: str) -> None:
    book.settle(WEEK, ["a"])
    book.post("a", DAY, 5, balance="later")
    before = rows(url)
    with pytest.raises(Unbalanced):
        book.correct([Posting("a", DAY, -5, "k")])
    assert rows(url) == before
    assert len(book.balance()) == 1


def test_one_refused_correction_refuses_all(book: Book, url: str, tmp_path: Path) -> None:
    broken(book, url)
    given = corrections_file.read(proposed(book, tmp_path))
    before = rows(url)
    for wrong, refusal in (
        ({"effective_date": date(2026, 9, 1)}, Unsettled),
        ({"account_id": "nobody"}, Unsettled),
        ({"amount": Decimal("0.01")}, Unbalanced),
        ({"amount": 0.5}, BadPosting),
        ({"key": None}, BadPosting),
    ):
        with pytest.raises(refusal):
            book.correct([given[0], given[1] | wrong])
        assert rows(url) == before
    assert book.correct([]) == []


def test_key_is_of_one_correction_and_of_no_entry(book: Book, url: str, tmp_path: Path) -> None:
    broken(book, url)
    given = corrections_file.read(proposed(book, tmp_path))
    book.correct(given)
    with pytest.raises(KeyReused):
        book.correct([given[0] | {"effective_date": OTHER}])
    posting = Posting(**given[0])
    with pytest.raises(KeyReused, match="found correction 10 of account a"):
        book.post_many([posting])


def test_ids_that_a_spreadsheet_would_run_come_in_as_they_are(tmp_path: Path) -> None:
    with Book.open(str(tmp_path / "book.duckdb")) as book:
        broken(book, str(tmp_path / "book.duckdb"))
    text = (
        "correction_id,account_id,effective_date,amount,currency,finding_ids\n"
        'correct-1,\'=7,2026-08-05,-3.00,EUR,"1,2"\n'
    )
    (tmp_path / "corrections.csv").write_text(text, "utf-8")
    (row,) = corrections_file.read(tmp_path / "corrections.csv")
    assert (row["account_id"], row["key"], row["memo"]) == ("=7", "corrects 1 2", "corrects 1 2")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "no corrections in {path}: expected a file of settle correct, or corrections.csv of "),
        ("a,b\n1,2\n", "no corrections in {path}: expected a file of settle correct, or correctio"),
        ("KIND", "no correction in {path}, line 2: expected kind correction, found entry"),
        ("DAY", "no correction in {path}, line 2: found {{"),
    ],
)
def test_file_that_holds_no_corrections(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "given.csv"
    kind, day = {"KIND": ("entry", "2026-08-05"), "DAY": ("correction", "soon")}.get(text, ("", ""))
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind:
            writer = csv.writer(file)
            writer.writerow(contract.CORRECTION_COLUMNS)
            writer.writerow((9, "a", day, "1.00", kind, "", "EUR", "corrects 1"))
        else:
            file.write(text)
    with pytest.raises(Fault) as caught:
        corrections_file.read(path)
    assert str(caught.value).startswith(line.format(path=path))
    with pytest.raises(Fault, match=r"cannot be read in .*none\.csv"):
        corrections_file.read(tmp_path / "none.csv")


def test_what_moves_to_a_week_that_is_open_is_an_entry_there(book: Book, url: str) -> None:
    broken(book, url)
    given = [Posting("a", DAY, -3, "back"), Posting("a", date(2026, 9, 1), 3, "there")]
    before = rows(url)
    posted = book.correct(given)
    assert [(r["kind"], r["amount"]) for r in rows(url)[len(before) :]] == [
        ("correction", Decimal("-3.00")),
        ("entry", Decimal("3.00")),
    ]
    assert book.correct(given) == posted
    assert len(rows(url)) == len(before) + 2
    # Nothing stands against what is more than was taken elsewhere.
    with pytest.raises(Unsettled):
        book.correct([Posting("b", DAY, -3, "b"), Posting("b", date(2026, 9, 1), 4, "more")])
    assert len(rows(url)) == len(before) + 2
