"""How the tables of an export may lie in files: a first profile finds them, or says what to do."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest
from story import held_to_the_story, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft

Row = dict[str, str]


def entries(folder: Path, name: str = "entries.csv", rows: tuple[Row, ...] = ()) -> None:
    told = rows or story("entries")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    write(folder / name, [list(told[0]), *(list(r.values()) for r in told)])


def weekly(folder: Path, called: Callable[[date], str], without: tuple[str, ...]) -> None:
    for week in sorted({r["week_start"] for r in story("settlements")}):
        rows = [r for r in story("settlements") if r["week_start"] == week]
        names = [name for name in rows[0] if name not in {"week_start", *without}]
        path = folder / called(date.fromisoformat(week))
        write(path, [names, *([r[name] for name in names] for r in rows)])


def a_file_a_week_by_iso_week(folder: Path) -> None:
    weekly(folder, lambda week: f"settlements-{week:%G-W%V}.csv", ())
    entries(folder)


def a_file_a_week_by_calendar_week(folder: Path) -> None:
    weekly(folder, lambda week: f"Abrechnung_{week:%G_KW%V}.csv", ())
    entries(folder)


def a_file_a_week_by_its_days(folder: Path) -> None:
    weekly(folder, lambda week: f"{week}.csv", ())
    entries(folder)


def year_and_week(folder: Path) -> None:
    rows = [["account_id", "Jahr", "KW", "settled_amount", "settled_at"]]
    for r in story("settlements"):
        year, week, _ = date.fromisoformat(r["week_start"]).isocalendar()
        rows.append([r["account_id"], f"{year}", f"{week}", r["settled_amount"], r["settled_at"]])
    entries(folder)
    write(folder / "settlements.csv", rows)


def listed(line: Callable[[list[str]], str], rule: str) -> Callable[[Path], None]:
    """A list for the screen: values filled up with spaces, lines of dashes."""

    def made(folder: Path) -> None:
        folder.mkdir()
        for name in ("entries", "settlements"):
            rows = [list(story(name)[0]), *(list(r.values()) for r in story(name))]
            text = [line([f"{cell:12}" for cell in row]) for row in rows]
            (folder / f"{name}.txt").write_text(
                "\n".join([text[0], rule, *text[1:], rule, ""]), "utf-8"
            )

    return made


def parts(names: tuple[str, ...]) -> Callable[[Path], None]:
    def made(folder: Path) -> None:
        for k, name in enumerate(names):
            entries(folder, name, story("entries")[k :: len(names)])
        plain_settlements(folder)

    return made


def the_header_comes_again(folder: Path) -> None:
    told = [list(r.values()) for r in story("entries")]
    header = list(story("entries")[0])
    folder.mkdir()
    write(folder / "entries.csv", [header, *told[:9], header, *told[9:]])
    plain_settlements(folder)


def titles_in_a_workbook(folder: Path) -> None:
    folder.mkdir()
    book = openpyxl.Workbook()
    for table, sheet in (("entries", book.active), ("settlements", book.create_sheet("Settled"))):
        above = [["Ledger of a firm"], [], ["as of March"]] if table == "entries" else [["Weeks"]]
        for row in (*above, list(story(table)[0]), *(list(r.values()) for r in story(table))):
            sheet.append(row)
    book.save(folder / "ledger.xlsx")


def names_of_groups_above(folder: Path) -> None:
    """In merged cells, of which the first has the text."""
    folder.mkdir()
    book = openpyxl.Workbook()
    for table, sheet in (("entries", book.active), ("settlements", book.create_sheet("Settled"))):
        names, rows = list(story(table)[0]), [list(r.values()) for r in story(table)]
        sheet.append(["a group" if k % 2 == 0 else None for k in range(len(names))])
        sheet.append(names)
        for row in rows:
            sheet.append(
                [float(v) if "amount" in n else v for n, v in zip(names, row, strict=True)]
            )
        for k in range(1, len(names), 2):
            sheet.merge_cells(start_row=1, end_row=1, start_column=k, end_column=k + 1)
    book.save(folder / "ledger.xlsx")


def json_beside_csv(folder: Path) -> None:
    folder.mkdir()
    (folder / "entries.json").write_text(json.dumps(story("entries")), "utf-8")
    (folder / "about.json").write_text('{"made": "by hand", "tables": ["entries"]}', "utf-8")
    (folder / "README.txt").write_text("All of it, by hand\nand the weeks, too\n", "utf-8")
    plain_settlements(folder)


def no_endings(folder: Path) -> None:
    """As Redshift unloads them."""
    parts(("entries_0000_part_00", "entries_0001_part_00"))(folder)
    (folder / "settlements.csv").rename(folder / "settlements_0000_part_00")


def structs_and_lists(folder: Path) -> None:
    """Names within columns may be those of others: `id`, and `element` of each list."""
    entries(folder)
    plain_settlements(folder)
    rows = duckdb.read_csv(str(folder / "entries.csv"), all_varchar=True)
    inner = "{'id': account_id, 'tier': {'id': 'a'}} AS account, ['a'] AS tags, ['b'] AS labels"
    rows.project(f"* EXCLUDE (account_id), {inner}").write_parquet(str(folder / "entries.parquet"))
    (folder / "entries.csv").unlink()


FOUND = {
    each.__name__: each
    for each in (
        a_file_a_week_by_iso_week,
        a_file_a_week_by_calendar_week,
        a_file_a_week_by_its_days,
        year_and_week,
        the_header_comes_again,
        titles_in_a_workbook,
        names_of_groups_above,
        json_beside_csv,
        no_endings,
        structs_and_lists,
    )
} | {
    "a folder of parts": parts(("entries/part-000.csv", "entries/part-001.csv")),
    "a folder of months": parts(("entries/2026/02.csv", "entries/2026/03.csv")),
    "a folder of other names": parts(("entries/north.csv", "entries/south.csv")),
    "capital letters": parts(("ENTRIES.CSV",)),
    "a box of lines": listed(lambda row: f"| {' | '.join(row)} |", "+-----+-----+"),
    "bars between": listed(" | ".join, "-----+-----"),
    "fields of one width": listed(",".join, ""),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_first_profile_finds_the_tables(name: str, tmp_path: Path) -> None:
    FOUND[name](tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


def test_when_a_week_was_closed_is_guessed_where_no_file_says_it(tmp_path: Path) -> None:
    weekly(tmp_path, lambda week: f"week {week:%Y%m%d}.csv", ("settled_at",))
    entries(tmp_path)
    told = draft.guess(tmp_path)
    assert 'period = { means = "file_name" }' in told.text
    assert any(doubt.startswith("settlements.at = ") for doubt in told.doubts)
    assert not any(doubt.startswith("settlements.period") for doubt in told.doubts)


def no_header(folder: Path) -> None:
    write(folder / "entries.csv", [list(r.values()) for r in story("entries")])
    plain_settlements(folder)


def names_without_weeks(folder: Path) -> None:
    weekly(folder, lambda week: f"run{week.toordinal() % 89}.csv", ())
    entries(folder)


def two_columns_of_years(folder: Path) -> None:
    year_and_week(folder)
    path = folder / "settlements.csv"
    header, *lines = path.read_text("utf-8").splitlines()
    text = [f"{header},opened", *(f"{line},1999" for line in lines)]
    path.write_text("\n".join(text) + "\n", "utf-8")


REFUSED: dict[Callable[[Path], None], str] = {
    no_header: "the first line is a row, not a header in entries.csv",
    names_without_weeks: "settlements.period",
    two_columns_of_years: "settlements.period",
}


@pytest.mark.parametrize("make", REFUSED, ids=["header", "names", "years"])
def test_what_is_not_sure_is_refused_with_what_to_write(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(tmp_path)
    with pytest.raises(Fault, match=REFUSED[make]):
        draft.guess(tmp_path)
