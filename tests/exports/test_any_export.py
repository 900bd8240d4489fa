"""Any export at all: rows in = rows out, findings those of the canonical form, no traceback.

`SETTLE_FUZZ=20000` tries as many files as that; `make fuzz` does. Several files of one dialect are
read in one go, as the parts of a table, because most of what a small reading takes is the same for
each.
"""

import csv
import io
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import starmap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

WANTED = int(os.environ.get("SETTLE_FUZZ", "60"))
FILES = 10 if WANTED < 1000 else 25  # read in one go
EXAMPLES = WANTED // (2 * FILES)  # of each test
MONDAY = date(2026, 1, 5)
NAMES = ("entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at", "memo")
SETTLEMENTS = (
    "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,0.00,2026-01-12T03:00:00Z\n"
)
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.explicit, Phase.generate],
    print_blob=True,
)
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
FOLDER = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=20
).filter(lambda name: name not in {".", ".."})


class Written(NamedTuple):
    """How an export writes its values."""

    encoding: str
    delimiter: str
    line_end: str
    is_quoted: bool
    decimal: str
    thousands: str
    sign: str
    day: str

    @property
    def profile(self) -> str:
        """The profile that reads it."""
        lines = [
            "[entries.csv]",
            f'encoding = "{self.encoding}"',
            f'delimiter = "{self.delimiter}"',
            f'decimal = "{self.decimal}"',
            f'thousands = "{self.thousands}"',
            f'date_format = "{self.day}"',
        ]
        if self.sign in {"trailing", "parentheses"}:
            lines.append(f'negative = "{self.sign}"')
        forms = {
            "negated": 'amount = { column = "amount", negate = true }',
            "sides": 'amount = { debit = "amount", credit = "other", positive = "credit" }',
            "direction": 'amount = { column = "amount", direction = "other", '
            'plus = ["C"], minus = ["D"] }',
        }
        return "\n".join([forms.get(self.sign, ""), *lines])

    def amount(self, value: Decimal) -> tuple[str, str]:
        """The amount as it is written, and what stands in the column beside it."""
        size = f"{abs(value):,.2f}".replace(",", "_").replace(".", self.decimal)
        size = size.replace("_", self.thousands)
        minus = value < 0
        return {
            "leading": (("-" if minus else "") + size, ""),
            "trailing": (size + ("-" if minus else ""), ""),
            "parentheses": (f"({size})" if minus else size, ""),
            "negated": (("" if minus or not value else "-") + size, ""),
            "sides": (size, "") if minus else ("", size),
            "direction": (size, "D" if minus else "C"),
        }[self.sign]


class Row(NamedTuple):
    """A row of a ledger."""

    account: str
    day: date
    amount: Decimal
    kind: str
    recorded_at: datetime
    memo: str


ROWS = st.lists(
    st.builds(
        Row,
        account=st.one_of(st.just("7"), TEXT.filter(str.strip)),
        day=st.dates(MONDAY, MONDAY + timedelta(days=13)),
        amount=st.decimals("-12345678", "12345678", places=2, allow_nan=False),
        kind=st.sampled_from(["entry", "entry", "counter"]),
        recorded_at=st.datetimes(datetime(2026, 1, 5), datetime(2026, 1, 20)),  # noqa: DTZ001
        memo=st.one_of(st.just(""), TEXT, st.sampled_from(['"', "\r", "\n", "a\r\nb", ",;\t|"])),
    ),
    min_size=1,
    max_size=4,
)
WRITTEN = st.builds(
    Written,
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-8-sig", "utf-32-be"]),
    delimiter=st.sampled_from([",", ";", "\\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    is_quoted=st.booleans(),
    decimal=st.just("."),
    thousands=st.sampled_from(["", ",", "'", " "]),
    sign=st.sampled_from(["leading", "trailing", "parentheses", "negated", "sides", "direction"]),
    day=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%m/%d/%Y"]),
)


def table(rows: list[Row], how: Written | None, first: int = 1) -> bytes:
    """The rows as CSV: canonical, or as they are said to be written."""
    file = io.StringIO(newline="")
    # Python's writer quotes a lone carriage return only where it quotes everything.
    has_returns = any("\r" in row.account + row.memo for row in rows)
    delimiter = how.delimiter.replace("\\t", "\t") if how else ","
    writer = csv.writer(
        file,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if how is None or how.is_quoted or has_returns else csv.QUOTE_MINIMAL,
        lineterminator=how.line_end if how else "\n",
    )
    writer.writerow((*NAMES, "other"))
    for number, row in enumerate(rows, first):
        amount, other = how.amount(row.amount) if how else (f"{row.amount:.2f}", "")
        day = f"{row.day:{how.day if how else '%Y-%m-%d'}}"
        at = f"{row.recorded_at.isoformat()}Z"
        writer.writerow((number, row.account, day, amount, row.kind, at, row.memo, other))
    return file.getvalue().encode(how.encoding if how else "utf-8")


def export(folder: Path, *entries: bytes) -> Path:
    folder.mkdir(parents=True)
    for number, data in enumerate(entries):
        (folder / f"entries-{number}.csv").write_bytes(data)
    (folder / "settlements.csv").write_text(SETTLEMENTS, "utf-8")
    return folder


PARTS = '[entries]\nfile = "entries-*.csv"\nparts = "append"\n'
ENTRIES = (
    "SELECT * REPLACE (CAST(account_id AS VARCHAR) AS account_id) FROM entry ORDER BY entry_id"
)
NULLS = {"", "NULL", r"\N", "None", "nan", "NaN", "N/A"}


def expected(number: int, row: Row) -> tuple[object, ...]:
    """A row as it must be read: what is told of it, no value in the columns that there are not."""
    memo = None if row.memo in NULLS else row.memo
    told = (number, row.account, row.day, row.amount, row.kind, row.recorded_at)
    return (*told, None, None, None, "EUR", memo, *[None] * 4)


@FUZZ
@given(files=st.lists(ROWS, min_size=FILES, max_size=FILES), how=WRITTEN, name=FOLDER)
def test_an_export_says_what_its_canonical_form_says(
    files: list[list[Row]], how: Written, name: str
) -> None:
    starts = [1 + sum(map(len, files[:k])) for k in range(FILES)]
    rows = [row for each in files for row in each]
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        written = [table(each, how, first) for each, first in zip(files, starts, strict=True)]
        try:
            folder = export(root / name[:40] / "export", *written)
        except (OSError, UnicodeEncodeError):  # no name that this file system takes
            return
        profile = f"{PARTS}{how.profile}"
        read = Ledger.read(folder, profiles.parse(profile, "test"))
        assert [bad.reason for bad in read.rejected] == []
        assert read.con.execute(ENTRIES).fetchall() == list(starmap(expected, enumerate(rows, 1)))
        if len(rows) % 16 == 0:  # an audit of each would take an hour
            path = root / "profile.toml"
            path.write_text(f"{profile}\n[settlements]\nagreement = 'any'\n", "utf-8")
            loose = root / "any.toml"
            loose.write_text(f"{PARTS}[settlements]\nagreement = 'any'\n", "utf-8")
            plain = export(root / "canonical of it" / "export", table(rows, None))
            found = audit.run(folder, str(path)).findings
            assert found == audit.run(plain, str(loose)).findings


BROKEN: list[Callable[[bytes, int], bytes]] = [
    lambda line, _: line.replace(b",", b"", 1),
    lambda line, k: line[:k] + b"\0" + line[k:],
    lambda line, k: line[:k] + b"\r" + line[k:],
    lambda line, k: line[:k] + b'"' + line[k:],
    lambda line, k: line[:k] + b"\xff" + line[k:],
    lambda line, k: line[:k] + b"\n" + line[k:],
    lambda line, k: line[:k],
    lambda line, k: line[:k] + b'""' + line[k:],
    lambda _line, _: b"",
]


EDITS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 60), st.sampled_from(range(len(BROKEN)))),
    max_size=4,
)


@FUZZ
@given(files=st.lists(st.tuples(ROWS, EDITS, st.booleans()), min_size=FILES, max_size=FILES))
def test_rows_in_are_rows_out_whatever_is_in_the_file(
    files: list[tuple[list[Row], list[tuple[int, int, int]], bool]],
) -> None:
    written: list[bytes] = []
    for rows, edits, is_quoted in files:
        how = Written("utf-8", ",", "\n", is_quoted, ".", "", "leading", "%Y-%m-%d")
        header, *lines = table(rows, how, 100 * len(written)).split(b"\n")
        for number, place, kind in edits:
            k = number % len(lines)
            lines[k] = BROKEN[kind](lines[k], place)
        written.append(b"\n".join([header, *lines]))
    with TemporaryDirectory() as temporary:
        folder = export(Path(temporary) / "export", *written)
        ledger = Ledger.read(folder, profiles.parse(PARTS, "test"))
        read = ledger.inputs[0]
        assert read.rows_lost == 0
        assert read.rows_read == sum(map(records, written))
        stored = ledger.con.execute("SELECT COUNT(*) FROM entry").fetchall()[0][0]
        assert (stored, len(ledger.rejected)) == (read.rows_accepted, read.rows_rejected)
        places = [(bad.file, bad.line) for bad in ledger.rejected]
        assert places == sorted(places)
        ends = {f"entries-{k}.csv": data.count(b"\n") + 1 for k, data in enumerate(written)}
        assert all(2 <= line <= ends[file] for file, line in places)


def records(data: bytes) -> int:
    """Rows by a count of its own: a quote opens at the start of a field, and doubles stand."""
    count, is_open, at_start, is_blank, k = 0, False, True, True, 0
    while k < len(data):
        char = data[k : k + 1]
        if is_open:
            if data[k : k + 2] == b'""':
                k += 1
            elif char == b'"':
                is_open = False
        elif char == b"\n":
            count += not is_blank
            at_start = is_blank = True
            k += 1
            continue
        elif char == b'"' and at_start:
            is_open = True
        is_blank = is_blank and char == b"\r" and data[k + 1 : k + 2] in {b"\n", b""}
        at_start = not is_open and char == b","
        k += 1
    return count + (not is_blank) - 1


@pytest.mark.parametrize("junk", [b"", b"\n", b"\0", b'"', b"\xff\xfe", b"PK\x03\x04", b"a\n\n"])
def test_no_export_at_all_is_one_line(junk: bytes, tmp_path: Path) -> None:
    folder = export(tmp_path / "export", junk)
    with pytest.raises(Fault) as caught:
        Ledger.read(folder, profiles.parse(PARTS, "test"))
    assert "\n" not in str(caught.value)
    shutil.rmtree(folder)
