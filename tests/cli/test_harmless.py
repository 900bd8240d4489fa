"""Files for spreadsheets: nothing in them is run, and what we write we read back as it was."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from settle_core.audit import correction, run_folder
from settle_core.audit.correction import Correction
from settle_core.exports.reading import rejected
from settle_core.exports.reading.rejected import Rejected
from settle_core.formats import csv_line, harmless, plain

SHARP = st.text(st.sampled_from("'=+-@\t\r\n ,;\"a1\0\N{FULLWIDTH EQUALS SIGN}"), max_size=9)


@given(SHARP | st.text())
def test_harmless_is_taken_back_exactly(text: str) -> None:
    assert plain(harmless(text)) == text


@given(SHARP)
def test_nothing_is_run_wherever_a_row_could_begin(text: str) -> None:
    made = harmless(text)
    if made != text or not text.lstrip("+-").replace(".", "").isdigit():
        starts = [made[at] for at in range(len(made)) if at == 0 or made[at - 1] in "\r\n"]
        assert not set(starts) & set("=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}")


@given(st.lists(SHARP | st.text(st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_line_is_read_back_by_a_reader_of_csv(values: list[str]) -> None:
    assert list(csv.reader(io.StringIO(csv_line(values), newline=""))) == [values]


def test_files_of_a_run_are_read_back_whatever_is_in_them(tmp_path: Path) -> None:
    sharp = ["a\r=cmd|x", "\r", '"', "'", "=1", "x\n@y", "-5", "x" * 1_000_000]
    rows = [Rejected("a.csv", 2, "no reason", text) for text in sharp]
    rejected.write_csv(tmp_path / run_folder.REJECTED, rows)
    read = run_folder.rows(tmp_path, run_folder.REJECTED)
    assert [row["row"] for row in read] == sharp
    day, one = date(2026, 1, 6), Decimal(1)
    made = [Correction("c", text, day, one, "EUR", ("f",)) for text in sharp]
    correction.write_csv(tmp_path / run_folder.CORRECTIONS, made)
    assert [row["account_id"] for row in run_folder.rows(tmp_path, run_folder.CORRECTIONS)] == sharp
