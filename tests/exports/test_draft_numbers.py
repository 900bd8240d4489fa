"""Amounts as a country or a spreadsheet writes them: a first profile finds how, and reads them."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from story import held_to_the_story, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft, rules
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.csv_text import Text
from settle_core.exports.draft.inference import Table
from settle_core.exports.profiles import profile as profiles

THIN, WIDE, TICK, MINUS = "\u202f", "\u00a0", "\u2019", "\u2212"


def grouped(amount: str, mark: str, point: str) -> str:
    # Larger, so that there are groups.
    text = f"{Decimal(amount) * 1000:,.2f}".replace(",", "_").replace(".", point)
    return text.replace("_", mark)


def worded(amount: str, minus: str, plus: str) -> str:
    return grouped(amount, ",", ".").lstrip("-") + (minus if amount[0] == "-" else plus)


def bracketed(amount: str) -> str:
    return f"({amount[1:]})" if amount[0] == "-" else amount


def lakhs(amount: str) -> str:
    """Of 1234567.50 12,34,567.50."""
    text = f"{Decimal(amount) * 100000:.2f}"
    return re.sub(r"(?<=\d)(?=(?:\d\d)*\d{3}\.)", ",", text)


FORMS: dict[str, Callable[[str], str]] = {
    "apostrophes": lambda a: grouped(a, "'", "."),
    "typographic apostrophes and a true minus": lambda a: grouped(a, TICK, ".").replace("-", MINUS),
    "thin spaces": lambda a: grouped(a, THIN, ","),
    "euros behind": lambda a: grouped(a, WIDE, ",") + f"{WIDE}\N{EURO SIGN}",
    "dollars in front": lambda a: ("-$" if a[0] == "-" else "$") + grouped(a, ",", ".").strip("-"),
    "francs": lambda a: f"CHF {grouped(a, TICK, '.')}",
    "debit and credit behind": lambda a: worded(a, " Dr", " Cr"),
    "a letter behind": lambda a: worded(a, "D", "C"),
    "a word for what takes away alone": lambda a: worded(a, " DR", ""),
    "a plus before": lambda a: ("" if a[0] == "-" else "+") + grouped(a, ",", "."),
    "a plus and a minus behind": lambda a: worded(a, "-", "+"),
    "a true minus without groups": lambda a: a.replace("-", MINUS),
    "lakhs": lakhs,
    "lakhs with a word": lambda a: lakhs(a).lstrip("-") + (" Dr" if a[0] == "-" else " Cr"),
    "spaces around": lambda a: f"  {grouped(a, ',', '.')} ",
    "parentheses and no mark of thousands": lambda a: bracketed(grouped(a, "", ".")),
    "parentheses and groups of apostrophes": lambda a: bracketed(grouped(a, "'", ".")),
    "a minus behind and spaces": lambda a: (
        f"{grouped(a, ' ', ',')[1:]}-" if a[0] == "-" else grouped(a, " ", ",")
    ),
    "a mark within parentheses": lambda a: (
        f"$({grouped(a, ',', '.')[1:]})" if a[0] == "-" else f"${grouped(a, ',', '.')}"
    ),
}


def export(folder: Path, change: Callable[[str], str]) -> Path:
    rows = [r | {"amount": change(r["amount"])} for r in story("entries")]
    write(folder / "entries.csv", [list(rows[0]), *(list(r.values()) for r in rows)])
    plain_settlements(folder, lambda r: r | {"settled_amount": change(r["settled_amount"])})
    return folder


@pytest.mark.parametrize("name", FORMS)
def test_a_first_profile_reads_amounts(name: str, tmp_path: Path) -> None:
    """In thousands and in lakhs the amounts are those of the story: findings are alike."""
    times = 1 if "without groups" in name else 100000 if "lakhs" in name else 1000
    export(tmp_path / "export", lambda a: FORMS[name](f"{Decimal(a) / times}"))
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


@pytest.mark.parametrize("mark", ["Dr", "CR", "S", "Haben"])
def test_what_tells_a_sign_is_no_mark_of_money(mark: str) -> None:
    """Left out as one, it would turn what takes away into what adds."""
    with pytest.raises(Fault, match=r"csv\.currency_marks.*csv\.minus_marks and csv\.plus_marks"):
        profiles.parse(f'csv.currency_marks = ["{mark}"]', "own")


def test_letters_behind_numbers_of_accounts_are_no_signs(tmp_path: Path) -> None:
    rows = [r | {"account_id": f"{r['account_id']}D"} for r in story("entries")]
    write(tmp_path / "entries.csv", [list(rows[0]), *(list(r.values()) for r in rows)])
    plain_settlements(tmp_path, lambda r: r | {"account_id": f"{r['account_id']}D"})
    assert "minus_marks" not in draft.guess(tmp_path).text


def test_the_mark_tells_the_currency(tmp_path: Path) -> None:
    told = draft.guess(export(tmp_path, lambda a: f"{a} \N{EURO SIGN}"))
    assert 'currency = "EUR"' in told.text
    assert not any("currency" in doubt for doubt in told.doubts)


def test_of_two_marks_none_is_left_out(tmp_path: Path) -> None:
    """Euros and dollars in one column are no one sum."""
    export(tmp_path, lambda a: f"{a} {'$' if a[-1] in '02468' else 'EUR'}")
    with pytest.raises(Fault, match="no column looks like amount"):
        draft.guess(tmp_path)


@pytest.mark.parametrize(
    "amounts", [("329 161-", "12 400"), ("(7,001)", "512"), ("EUR 9", "EUR 4")]
)
def test_whole_settled_amounts_are_amounts_however_they_are_written(
    amounts: tuple[str, ...],
) -> None:
    column = Column("Saldo", amounts, is_whole=True, stored_as="VARCHAR")
    table = Table("closings.csv", Text(), (column,), False, tuple((a,) for a in amounts))  # noqa: FBT003
    assert rules.untold(table, is_shared=True) == ()
