"""Every byte of an export is accounted for: what no reader could read is a rejected row."""

import gzip
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from settle_core.errors import Fault
from settle_core.exports.draft import draft
from settle_core.exports.files.scan import RECORD_BYTES_MAX
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

HEADER = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
SETTLEMENTS = (
    "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,10.00,2026-01-12T03:00:00Z\n"
)
LONG = "x" * (RECORD_BYTES_MAX + 1)


def row(number: int, account: str = "7", amount: str = "10.00") -> str:
    return f"{number},{account},2026-01-06,{amount},entry,2026-01-06T09:00:00Z\n"


def read(
    folder: Path, entries: bytes | str, settings: str = "", name: str = "entries.csv"
) -> Ledger:
    folder.mkdir(parents=True, exist_ok=True)
    data = entries.encode() if isinstance(entries, str) else entries
    (folder / name).write_bytes(data)
    (folder / "settlements.csv").write_text(SETTLEMENTS, "utf-8")
    return Ledger.read(folder, profiles.parse(settings, "test"))


REJECTED = {
    "NUL": (row(2, "7\0"), "the row holds a NUL character"),
    "lone carriage return": (row(2, "a\rb"), "the row holds a carriage return that ends no line"),
    "text behind a quote": (row(2, '"a"b'), "a quoted field goes on behind its closing quote"),
    "too long": (row(2, LONG), "the row is 2,000,048 bytes long, of at most 2,000,000"),
    "too long in quotes": (row(2, f'"{LONG}"'), "the row is 2,000,050 bytes long"),
    "a field too few": ("2,7\n", "the row has 2 fields, the header 6"),
    "no UTF-8": (row(2, "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller"), 'encoding = "cp1252"'),
    "blanks": ("  \n", "the row has 1 fields, the header 6"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_what_a_reader_would_skip_is_a_rejected_row(name: str, tmp_path: Path) -> None:
    line, reason = REJECTED[name]
    encoding = "cp1252" if name == "no UTF-8" else "utf-8"
    ledger = read(tmp_path, HEADER.encode() + row(1).encode() + line.encode(encoding)
                  + row(3).encode())  # fmt: skip
    (bad,) = ledger.rejected
    assert bad.line == 3
    assert reason in bad.reason
    given = ledger.inputs[0]
    assert (given.rows_read, given.rows_accepted, given.rows_lost) == (3, 2, 0)


ACCEPTED = {
    "quoted carriage return": row(2, '"a\rb"'),
    "quoted line feed": row(2, '"a\nb"'),
    "doubled quote": row(2, '"a""b"'),
    "quote within a field": row(2, 'a"b'),
    "other line end": row(2, "a").replace("\n", "\r\n"),
    "blank lines": f"\n\n{row(2, 'a')}\n",
    "no line end": row(2, "a").rstrip("\n"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_odd_and_whole_is_read(name: str, tmp_path: Path) -> None:
    ledger = read(tmp_path, HEADER + row(1) + ACCEPTED[name])
    accounts = ledger.con.execute("SELECT account_id FROM entry WHERE entry_id = 2").fetchall()
    assert accounts[0][0] in {"a", "a\rb", "a\nb", 'a"b'}
    assert (len(ledger.rejected), ledger.inputs[0].rows_lost) == (0, 0)


def test_line_of_a_rejected_row_counts_blank_and_quoted_lines(tmp_path: Path) -> None:
    text = f"{HEADER}\n{row(1, chr(34) + 'a' + chr(10) + 'b' + chr(34))}{row(2, amount='x')}"
    (bad,) = read(tmp_path, text).rejected
    assert (bad.line, bad.row) == (5, row(2, amount="x").rstrip())


@pytest.mark.parametrize(
    "name", ["exp[1]", "kind=counter", "a*b", "what?", "{a,b}", "it's", 'x"y', "a;b", "new\nline"]
)
def test_folder_names_are_names(name: str, tmp_path: Path) -> None:
    """A neighbour that a pattern would match holds something else."""
    for other in ("exp1", "axb", "whatx", "a", "b"):
        read(tmp_path / other, HEADER + row(9, "other"))
    ledger = read(tmp_path / name / "account_id=8", HEADER + row(1))
    rows = ledger.con.execute("SELECT account_id, kind FROM entry").fetchall()
    assert rows == [(7, "entry")]


def test_link_out_of_the_export_is_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "export", tmp_path / "entries.csv"
    read(inside, HEADER + row(1))
    shutil.move(inside / "entries.csv", outside)
    (inside / "entries.csv").symlink_to(outside)
    with pytest.raises(Fault, match=r"a link leads out of the export in entries\.csv"):
        Ledger.read(inside, profiles.parse("", "test"))


@pytest.mark.parametrize("kind", ["pipe", "loop", "nowhere"])
def test_what_is_no_file_is_refused_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    read(tmp_path, HEADER + row(1))
    entries = tmp_path / "entries.csv"
    entries.unlink()
    if kind == "pipe":
        os.mkfifo(entries)
    else:
        entries.symlink_to(tmp_path / ("entries.csv" if kind == "loop" else "away.csv"))
    with pytest.raises(Fault, match=r"found entries\.csv \(no file\), settlements\.csv"):
        Ledger.read(tmp_path, profiles.parse("", "test"))
    with pytest.raises(Fault):
        draft.guess(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ((HEADER + row(1)).replace("\n", "\r"), "lines end in a carriage return alone"),
        ('"a"b,c\n1,2\n', r"the header cannot be read .*see csv\.delimiter"),
    ],
)
def test_header_that_is_none_is_one_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=message):
        read(tmp_path, text)


def test_torn_gzip_is_one_line(tmp_path: Path) -> None:
    packed = gzip.compress((HEADER + "".join(map(row, range(999)))).encode())
    with pytest.raises(Fault, match=r"file cannot be read in entries\.csv\.gz"):
        read(tmp_path, packed[:-40], name="entries.csv.gz")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig"])
def test_encodings_are_read_as_named_and_told_where_they_are_not(
    encoding: str, tmp_path: Path
) -> None:
    text = HEADER + row(1, "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller")
    told = read(tmp_path, text.encode(encoding), f'entries.csv.encoding = "{encoding}"')
    name = told.con.execute("SELECT account_id FROM entry").fetchall()[0][0]
    assert name == "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller"
    if encoding.startswith(("utf-16", "utf-32")):
        with pytest.raises(Fault, match=r"expected utf-8, found text in .*csv\.encoding"):
            read(tmp_path, text.encode(encoding))


def test_many_rejected_rows_are_all_there(tmp_path: Path) -> None:
    """More than are kept in memory, of two kinds, in the order of the file."""
    lines = [row(k, amount="x") if k % 2 else f"{k}\n" for k in range(3000)]
    ledger = read(tmp_path, HEADER + "".join(lines))
    assert len(ledger.rejected) == ledger.inputs[0].rows_rejected == 3000
    assert [bad.line for bad in ledger.rejected] == list(range(2, 3002))
    assert ledger.rejected[2500].row == "2500"
    assert [bad.line for bad in ledger.rejected[-2:]] == [3000, 3001]


def test_rejected_rows_of_a_file_that_several_threads_read_are_those_that_are_bad(
    tmp_path: Path,
) -> None:
    kinds = [f"kind {k}" for k in range(6)]
    rows = duckdb.connect().sql(
        "SELECT range AS entry_id, 7 AS account_id, DATE '2026-01-05' AS effective_date,"
        " CASE WHEN range % 1000 = 999 THEN 'x' ELSE '1.00' END AS amount,"
        " 'kind ' || range % 6 AS kind, TIMESTAMP '2026-01-06' AS recorded_at,"
        " 'memo ' || range AS memo, 'job ' || range AS job_id FROM range(60000)"
    )
    rows.write_parquet(str(tmp_path / "entries.parquet"), row_group_size=2048)
    (tmp_path / "settlements.csv").write_text(SETTLEMENTS, "utf-8")
    settings = f"entries.kinds.entry = {kinds}\nentries.skip.memo = {[*kinds[:1], 'memo 7']}"
    ledger = Ledger.read(tmp_path, profiles.parse(settings, "test"))
    assert [bad.line for bad in ledger.rejected] == list(range(1000, 60001, 1000))
    assert all(bad.row.startswith(f"{bad.line - 1},") for bad in ledger.rejected)
    assert ledger.inputs[0].rows_accepted == 60000 - 60 - 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_mark_of_order_between_files_is_no_part_of_a_value(encoding: str, tmp_path: Path) -> None:
    """Of files put one behind the other: with it, an account would be another one."""
    header = "account_id,entry_id,effective_date,amount,kind,recorded_at\n"
    lines = [f"A7,{k},2026-01-06,1.00,entry,2026-01-06T09:00:00Z\n" for k in range(1, 4)]
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}"
    text = f"{mark}{header}{lines[0]}{mark}{''.join(lines[1:])}"
    name = "utf-16-le" if encoding == "utf-16" else encoding
    ledger = read(tmp_path, text.encode(name), f'[entries.csv]\nencoding = "{encoding}"\n')
    accounts = ledger.con.execute("SELECT DISTINCT account_id FROM entry").fetchall()
    assert (accounts, ledger.inputs[0].rows_accepted) == ([("A7",)], 3)


def test_text_that_ends_within_a_letter_is_cut_off(tmp_path: Path) -> None:
    data = (HEADER + row(1)).encode("utf-16")
    for cut in (1, 3):
        with pytest.raises(Fault, match="file is cut off"):
            read(tmp_path, data[:-cut], '[entries.csv]\nencoding = "utf-16"\n')


def test_what_is_packed_is_no_text(tmp_path: Path) -> None:
    for data in (gzip.compress(HEADER.encode()), b"PK\x03\x04\x14\0\0\0"):
        with pytest.raises(Fault, match=r"the file is no text .* unpack it"):
            read(tmp_path, data)


def test_a_row_that_holds_others_says_how_many(tmp_path: Path) -> None:
    lines = [row(1), f'"{row(2)}', row(3), f'"{row(4)}', row(5)]
    (bad,) = read(tmp_path, HEADER + "".join(lines)).rejected
    assert bad.reason.endswith("quotes in it must be doubled: the 3 lines from here are one row")
