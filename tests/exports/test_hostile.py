"""A hundred broken and hostile exports and profiles: none crashes, looks clean or loses a row.

What comes of each is written in `tests/data/hostile.tsv`: the verdict or the fault, the rows read,
accepted and rejected of both tables, and the first reason or the fault's line.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from settle_core import Fault, audit, contract

ROOT = Path(__file__).parents[2]
BASE = {n: (ROOT / "data" / "sample" / n).read_bytes() for n in ("entries.csv", "settlements.csv")}
HEADER, ROW = BASE["entries.csv"].split(b"\n")[0], BASE["entries.csv"].split(b"\n")[2]
SETTLEMENT = BASE["settlements.csv"].split(b"\n")[1]
LENGTH_MAX = 40  # of what is told: what is wrong and where, not what may be done about it

# What stands in one field of a row instead.
FIELDS = {
    ("id", 0): [b"", b" ", b"1", b"'", b'""""'],
    ("account", 1): [b"", b"\x00", b"1001 "],
    ("day", 2): [
        b"",
        b"2026-13-01",
        b"2026-02-30",
        b"09.09.2026",
        b"2026-09-09T00:00:00",
        b"tomorrow",
        b"0000-00-00",
        b"99999-01-01",
    ],
    ("amount", 3): [
        b"",
        b"1,15",
        b"200.005",
        b"1e3",
        b"NaN",
        b"inf",
        b"0x10",
        b"--5",
        b"1_000",
        b"2 00",
        b"\xd9\xa1",
        b"99999999999999999999",
        b"=1+1",
        b"$5",
        b"-",
        b".",
    ],
    ("kind", 4): [b"", b"Entry", b"refund", b"entry "],
    ("instant", 7): [
        b"",
        b"never",
        b"2026-09-09",
        b"2026-09-09T25:00:00Z",
        b"1757410805",
        b"infinity",
    ],
}
# What stands there instead of a row, a header or a settlement.
INSTEAD = {
    "a field too few": (ROW, b"2,1002,2026-09-09,200.00,entry,order,"),
    "a field too many": (ROW, ROW + b",x"),
    "an open quote": (ROW, b'"' + ROW),
    "a quote within": (ROW, ROW.replace(b"order", b'or"der')),
    "a lone CR within a field": (
        ROW,
        b'2,1002,2026-09-09,200.00,entry,"or\rder",,2026-09-09T11:40:05.127000Z',
    ),
    "a bare CR": (ROW, ROW.replace(b"order", b"or\rder")),
    "NUL in the memo": (
        ROW,
        b"2,1002,2026-09-09,200.00,entry,or\x00der,,2026-09-09T11:40:05.127000Z",
    ),
    "no UTF-8": (ROW, ROW.replace(b"order", b"or\xff\xfeder")),
    "a surrogate": (
        ROW,
        b"2,1002,2026-09-09,200.00,entry,\xed\xa0\x80,,2026-09-09T11:40:05.127000Z",
    ),
    "a row twice": (ROW, ROW + b"\n" + ROW),
    "a blank line": (ROW, ROW + b"\n\n"),
    "a line of commas": (ROW, ROW + b"\n,,,,,,,"),
    "markup in the memo": (
        ROW,
        b"2,1002,2026-09-09,200.00,entry,<script>alert(1)</script>,,2026-09-09T11:40:05.127000Z",
    ),
    "bidirectional text": (
        ROW,
        b"2,1002,2026-09-09,200.00,entry,\xe2\x80\xaegnp.exe,,2026-09-09T11:40:05.127000Z",
    ),
    "terminal escapes": (
        ROW,
        b"2,1002,2026-09-09,200.00,entry,\x1b]0;owned\x07\x1b[31m,,2026-09-09T11:40:05.127000Z",
    ),
    "a formula in the id": (
        ROW,
        b"=cmd|x,1002,2026-09-09,200.00,entry,order,,2026-09-09T11:40:05.127000Z",
    ),
    "a memo of 1 MB": (ROW, ROW.replace(b"order", b"m" * 1_000_000)),
    "a column twice": (
        HEADER,
        b"entry_id,account_id,effective_date,amount,kind,amount,job_id,recorded_at",
    ),
    "a column missing": (
        HEADER,
        b"entry_id,account_id,effective_date,sum,kind,memo,job_id,recorded_at",
    ),
    "a header in capitals": (
        HEADER,
        b"ENTRY_ID,ACCOUNT_ID,EFFECTIVE_DATE,AMOUNT,KIND,MEMO,JOB_ID,RECORDED_AT",
    ),
    "a byte order mark": (HEADER, b"\xef\xbb\xbf" + HEADER),
    "semicolons": (
        HEADER,
        b"entry_id;account_id;effective_date;amount;kind;memo;job_id;recorded_at",
    ),
    "settlement without account": (SETTLEMENT, b",2026-09-07,200.50,2026-09-14T03:00:00.000000Z"),
    "week on a Tuesday": (SETTLEMENT, b"1001,2026-09-08,200.50,2026-09-14T03:00:00.000000Z"),
    "week no date": (SETTLEMENT, b"1001,week 37,200.50,2026-09-14T03:00:00.000000Z"),
    "settled amount empty": (SETTLEMENT, b"1001,2026-09-07,,2026-09-14T03:00:00.000000Z"),
    "settled amount 3 decimals": (
        SETTLEMENT,
        b"1001,2026-09-07,200.505,2026-09-14T03:00:00.000000Z",
    ),
    "settled at empty": (SETTLEMENT, b"1001,2026-09-07,200.50,"),
    "settlement twice": (SETTLEMENT, SETTLEMENT + b"\n" + SETTLEMENT),
    "settlement of two amounts": (
        SETTLEMENT,
        SETTLEMENT + b"\n1001,2026-09-07,1.00,2026-09-14T03:00:00.000000Z",
    ),
}
# What a whole file holds instead.
FILES = {
    "entries empty": ("entries.csv", b""),
    "entries a newline": ("entries.csv", b"\n"),
    "entries header only": ("entries.csv", HEADER + b"\n"),
    "entries zeros": ("entries.csv", bytes(100)),
    "entries no CSV": ("entries.csv", b"\x89PNG\r\n\x1a\n\x00"),
    "settlements empty": ("settlements.csv", b""),
    "settlements header only": (
        "settlements.csv",
        b"account_id,week_start,settled_amount,settled_at\n",
    ),
    "entries no Parquet": ("entries.parquet", b"PAR1nonePAR1"),
    "entries no gzip": ("entries.csv.gz", b"\x1f\x8bnone"),
    "entries UTF-16": ("entries.csv", BASE["entries.csv"].decode().encode("utf-16")),
    "entries one line ends with CR": ("entries.csv", BASE["entries.csv"].replace(b"\n", b"\r")),
    "entries CRLF": ("entries.csv", BASE["entries.csv"].replace(b"\n", b"\r\n")),
    "entries without the last line's end": ("entries.csv", BASE["entries.csv"].rstrip(b"\n")),
}
PROFILES = {
    "profile no TOML": "= nothing",
    "profile unknown key": "[csv]\ndelimeter = ';'",
    "profile wrong type": "[money]\nscale = '2'",
    "profile scale": "[money]\nscale = 99",
    "profile delimiter": "[csv]\ndelimiter = ''",
    "profile zone": "[clock]\nzone = 'Mars/Olympus'",
    "profile weekday": "[calendar]\nweek_start = 'someday'",
    "profile kinds twice": "[entries.kinds]\nentry = ['a']\ncounter = ['a']",
    "profile path out": "[entries]\nfile = '../entries.csv'",
    "profile absolute": "[entries]\nfile = '/etc/passwd'",
    "profile policy": "[balancing]\npolicy = 'guess'",
    "profile column unknown": "[entries.columns]\nsum = 'amount'",
    "profile skew": "[clock]\nskew_seconds = -1",
    "profile format": "[csv]\ndate_format = '%Q'",
}


def cases() -> Iterator[tuple[str, dict[str, bytes], str]]:
    """Name, the export's files, and the profile's text."""
    for (name, place), values in FIELDS.items():
        for value in values:
            fields = ROW.split(b",")
            fields[place] = value
            entries = BASE["entries.csv"].replace(ROW, b",".join(fields), 1)
            yield f"{name} {value!r}", BASE | {"entries.csv": entries}, ""
    for name, (old, new) in INSTEAD.items():
        yield name, {n: text.replace(old, new, 1) for n, text in BASE.items()}, ""
    for name, (file, content) in FILES.items():
        kept = {n: text for n, text in BASE.items() if n.split(".")[0] != file.split(".")[0]}
        yield name, {**kept, file: content}, ""
    for name, text in PROFILES.items():
        yield name, BASE, text


CASES = {name: (files, profile) for name, files, profile in cases()}


def outcome(folder: Path, files: dict[str, bytes], profile: str) -> tuple[str, str, str]:
    """The verdict or `fault`, the counts, and what is told."""
    (folder / "export").mkdir()
    for name, content in files.items():
        (folder / "export" / name).write_bytes(content)
    (folder / "p.toml").write_text(profile, "utf-8")
    try:
        run = audit.run(folder / "export", str(folder / "p.toml") if profile else "canonical")
    except Fault as fault:
        assert "\n" not in str(fault)  # noqa: PT017 (an outcome like others)
        return "fault", "", str(fault).replace(str(folder), "X")[:LENGTH_MAX]
    counts = [(each.rows_read, each.rows_accepted, each.rows_rejected) for each in run.inputs]
    assert all(read == accepted + rejected for read, accepted, rejected in counts)
    assert len(run.rejected) == sum(rejected for *_, rejected in counts)
    told = run.rejected[0].reason if run.rejected else ""
    return run.verdict, " ".join(f"{a}={b}+{c}" for a, b, c in counts), ascii(told)[1:LENGTH_MAX]


def expected() -> dict[str, tuple[str, str, str]]:
    with (ROOT / "tests" / "data" / "hostile.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {name: (verdict, counts, told) for name, verdict, counts, told in rows}


EXPECTED = expected()


@pytest.mark.parametrize("name", CASES)
def test_it_comes_out_as_written(name: str, tmp_path: Path) -> None:
    found = outcome(tmp_path, *CASES[name])
    assert found == EXPECTED[name]
    assert found[0] == "fault" or contract.EXIT_CODES[found[0]]


def test_there_are_as_many_as_are_said() -> None:
    assert set(EXPECTED) == set(CASES)
    assert len(CASES) >= 80
