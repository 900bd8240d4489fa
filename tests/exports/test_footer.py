"""Lines below a table that are no rows: set aside and counted, and missed where a file is cut."""

from calendar import day_name
from pathlib import Path

import pytest
from story import held_to_the_story, plain_settlements, story, write

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.draft import draft
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

HEADER = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
ROWS = "".join(f"{k},1,2026-07-01,5.00,entry,2026-07-01T10:00:0{k}Z\n" for k in range(1, 4))
SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n1,2026-06-29,15.00,2026-07-06T03:00:00Z\n"
)
PROFILE = '[entries.csv]\nfooter = ["TOTAL", "T,"]\n'


def read(folder: Path, entries: str) -> Ledger:
    (folder / "settlements.csv").write_text(SETTLED)
    (folder / "entries.csv").write_text(entries)
    return Ledger.read(folder, profiles.parse(PROFILE, "ours"))


@pytest.mark.parametrize(
    ("below", "rejected", "aside"),
    [
        ("TOTAL,15.00\n", 0, 1),
        ('"TOTAL",15.00\n\n"Thursday, 30 July 2026"\n', 0, 2),
        ("T,3\n", 0, 1),
        ("4,1,2026-07-01,5.0\nTOTAL,15.00\n", 1, 1),  # a row that is cut stands above it
        # What a row follows stands in the table, and what is as wide as it is a row.
        ("TOTAL,15.00\n4,1,2026-07-01,5.00,entry,2026-07-01T10:00:04Z\nTOTAL,20.00\n", 1, 1),
        ("TOTAL,,,15.00,,\nTOTAL,15.00\n", 1, 1),
        (f"TOTAL\n{'x' * 9}\n" * 60 + "TOTAL\n", 102, 19),  # no end of a table is as long
    ],
)
def test_lines_below_the_table_are_set_aside_and_counted(
    below: str, rejected: int, aside: int, tmp_path: Path
) -> None:
    ledger = read(tmp_path, HEADER + ROWS + below)
    found = ledger.inputs[0]
    assert (found.rows_rejected, found.rows_set_aside) == (rejected, aside)
    assert found.set_aside == (("below the table", aside),)
    lines = len([line for line in below.splitlines() if line])
    assert found.rows_read == 3 + lines == found.rows_accepted + rejected + aside


@pytest.mark.parametrize("end", ["", "4,1,2026-07-01,5.0", "TOT"])
def test_a_file_without_them_is_refused_as_cut_off(end: str, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="the lines below the table are missing"):
        read(tmp_path, HEADER + ROWS + end)


FOOTS = {
    'TOTAL,"1,234.50"\r\n\r\n"Thursday, Jul 30, 2026 11:24:30 AM"\r\n': ("TOTAL", 2),
    "Grand total,12.00,,\r\n": ("Grand total", 1),
    "T,000031\r\n": ("T,", 1),
    "EOF\r\n": ("EOF", 1),
    "(31 rows)\r\n\r\n": ("(# row", 1),
    "\r\n1,031 rows selected.\r\n": ("# row", 1),
    "(31 rows affected)\r\nCompletion time: 2026-07-30\r\n": ("(# row", 2),
    '\r\n"Thursday, Jul 30, 2026 11:24:30 AM"\r\n': ('", "'.join(f"{d}, " for d in day_name), 1),
}


@pytest.mark.parametrize("foot", FOOTS)
def test_a_first_profile_finds_them(foot: str, tmp_path: Path) -> None:
    rows = [list(story("entries")[0]), *(list(r.values()) for r in story("entries"))]
    write(tmp_path / "export" / "entries.csv", rows, foot=foot)
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)
    start, lines = FOOTS[foot]
    assert f'footer = ["{start}"]' in (tmp_path / "first.toml").read_text()
    found = audit.run(tmp_path / "export", str(tmp_path / "first.toml"))
    assert found.inputs[0].rows_set_aside == lines


def test_a_line_below_a_header_is_no_row(tmp_path: Path) -> None:
    """As sqlcmd draws it, with the mark between the columns."""
    names = list(story("entries")[0])
    rows = [names, ["-" * len(name) for name in names]]
    rows += [list(r.values()) for r in story("entries")]
    write(tmp_path / "export" / "entries.csv", rows, foot="\r\n(31 rows affected)\r\n")
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


@pytest.mark.parametrize("cut", ["(31 ro", "31,900,2026", "TX-7,900", "T12,900,2026", "99"])
def test_a_row_that_is_cut_off_is_taken_for_none_of_them(cut: str, tmp_path: Path) -> None:
    rows = [list(story("entries")[0]), *(list(r.values()) for r in story("entries"))]
    write(tmp_path / "export" / "entries.csv", rows, foot=cut)
    plain_settlements(tmp_path / "export")
    told = draft.guess(tmp_path / "export").text
    assert "footer" not in told
    assert "1 row is rejected by this profile" in told
