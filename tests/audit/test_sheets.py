"""Rows that are written at once are, byte for byte, what XlsxWriter writes of their cells."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from settle_core.audit import sheets

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.text(max_size=80),
    st.text("<&>\"'_x0041 \n\t\x00\x1f\ufffe\U0001f600=r/", max_size=90),
    st.sampled_from(["<r></r>", "_x0041_", " a", "a\n", "x" * 16_001, "\U0001f600" * 16_500]),
    st.sampled_from(["y" * 61, "z" * 40_000, date(1900, 2, 28), Decimal("1.0"), Decimal("1.00")]),
)


ROWS = st.lists(st.lists(VALUES, min_size=4, max_size=4), max_size=6)


def made(tables: list[list[list[object]]], *, is_by_library: bool) -> dict[str, bytes]:
    out = BytesIO()
    with Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001
        formats = sheets.Formats(book, 2)
        for rows in tables:
            sheet = book.add_worksheet(None, sheets.Sheet)
            for column in range(4):
                sheet.write_string(0, column, f"title {column}", formats.heading)
            if not is_by_library:
                last, *widths = sheet.write_rows(formats, rows)
                assert last == len(rows)
                assert all(width <= sheets.WIDTH_MAX for width in widths)
                continue
            for number, row in enumerate(rows, 1):
                if (lines := max(sheets.lines_of(value) for value in row)) > 1:
                    sheet.set_row(number, sheets.LINE_POINTS * lines)
                for column, value in enumerate(row):
                    sheets.write_cell(sheet, formats, number, column, value)
    with ZipFile(out) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


@given(st.lists(ROWS, min_size=1, max_size=2))
def test_rows_at_once_are_what_the_library_writes_of_each_cell(
    tables: list[list[list[object]]],
) -> None:
    assert made(tables, is_by_library=False) == made(tables, is_by_library=True)
