"""Amounts as a country or a spreadsheet writes them: a first profile finds how, and reads them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from story import held_to_the_story, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports import draft

THIN, WIDE, TICK, MINUS = "\u202f", "\u00a0", "\u2019", "\u2212"


def grouped(amount: str, mark: str, point: str) -> str:
    # Larger, so that there are groups.
    text = f"{Decimal(amount) * 1000:,.2f}".replace(",", "_").replace(".", point)
    return text.replace("_", mark)


FORMS: dict[str, Callable[[str], str]] = {
    "apostrophes": lambda a: grouped(a, "'", "."),
    "typographic apostrophes and a true minus": lambda a: grouped(a, TICK, ".").replace("-", MINUS),
    "thin spaces": lambda a: grouped(a, THIN, ","),
    "euros behind": lambda a: grouped(a, WIDE, ",") + f"{WIDE}\N{EURO SIGN}",
    "dollars in front": lambda a: ("-$" if a[0] == "-" else "$") + grouped(a, ",", ".").strip("-"),
    "francs": lambda a: f"CHF {grouped(a, TICK, '.')}",
}


def export(folder: Path, change: Callable[[str], str]) -> Path:
    rows = [r | {"amount": change(r["amount"])} for r in story("entries")]
    write(folder / "entries.csv", [list(rows[0]), *(list(r.values()) for r in rows)])
    plain_settlements(folder, lambda r: r | {"settled_amount": change(r["settled_amount"])})
    return folder


@pytest.mark.parametrize("name", FORMS)
def test_a_first_profile_reads_amounts(name: str, tmp_path: Path) -> None:
    export(tmp_path / "export", lambda a: FORMS[name](f"{Decimal(a) / 1000}"))
    held_to_the_story(tmp_path / "export", tmp_path)


@pytest.mark.parametrize(("mark", "point"), [(",", "."), (".", ",")])
def test_marks_of_thousands_are_no_decimals_where_all_amounts_are_whole(
    mark: str, point: str, tmp_path: Path
) -> None:
    """1,250 beside 999 is a thousand, not one and a quarter."""
    export(tmp_path, lambda a: f"{Decimal(a) * 100:,.0f}".replace(",", mark))
    told = draft.guess(tmp_path).text
    assert f'thousands = "{mark}"' in told
    assert f'decimal = "{point}"' in told or point == "."


def test_a_name_by_the_end_of_a_week_is_refused_with_what_would_do(tmp_path: Path) -> None:
    rows = [list(r.values()) for r in story("entries")]
    write(tmp_path / "entries.csv", [list(story("entries")[0]), *rows])
    for week in sorted({r["week_start"] for r in story("settlements")}):
        told = [r for r in story("settlements") if r["week_start"] == week]
        end = date.fromisoformat(week) + timedelta(days=7)
        names = ["account_id", "settled_amount", "settled_at"]
        write(tmp_path / f"week {end}.csv", [names, *([r[n] for n in names] for r in told)])
    with pytest.raises(Fault, match="or name each file by its week's first day"):
        draft.guess(tmp_path)


def test_the_mark_tells_the_currency(tmp_path: Path) -> None:
    told = draft.guess(export(tmp_path, lambda a: f"{a} \N{EURO SIGN}"))
    assert 'currency = "EUR"' in told.text
    assert not any("currency" in doubt for doubt in told.doubts)


def test_of_two_marks_none_is_left_out(tmp_path: Path) -> None:
    """Euros and dollars in one column are no one sum."""
    export(tmp_path, lambda a: f"{a} {'$' if a[-1] in '02468' else 'EUR'}")
    with pytest.raises(Fault, match="no column looks like amount"):
        draft.guess(tmp_path)
