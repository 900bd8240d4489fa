"""Forms of real exports that a first profile finds by itself, decided by the weeks."""

import csv
import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import duckdb
import pandas as pd
import pytest
from foreign import FORMATS, SYSTEMS, demand_truth
from story import story, write

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.checks import agreement
from settle_core.exports.draft import choices, draft, forms, trial
from settle_core.exports.draft.column_values import Column
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

CASES = Path(__file__).parents[1] / "data" / "minimal"
# What the first profile must hold; and how many weeks agree by it, of how many.
FOUND = {
    "14-debit-and-credit-columns": ['amount = { debit = "debit", credit = "credit"'],
    "15-unsigned-amount-and-a-side": ['direction = "side", plus = ["D"], minus = ["C"]'],
    "16b-trailing-minus": ['negative = "trailing"'],
    "18-yen-beside-euro-in-minor-units": ['unit = "minor"'],
    "26-kind-is-null-for-plain-rows": ['entry = [""]', 'counter = ["reversal"]'],
    "28b-day-and-month-told-by-the-weekday": ['"%d/%m/%Y"', 'week_start = "monday"'],
    "39-week-ending": ['means = "last_day"', 'week_start = "monday"'],
}


def drafted(folder: Path, tmp_path: Path) -> tuple[draft.Guess, Ledger]:
    told = draft.guess(folder)
    path = tmp_path / "first.toml"
    path.write_text(told.text, "utf-8")
    return told, checked.read(folder, profiles.load(str(path)))


@pytest.mark.parametrize("case", FOUND)
def test_a_form_is_found_by_itself(case: str, tmp_path: Path) -> None:
    told, ledger = drafted(CASES / f"report_{case}" / "export", tmp_path)
    assert [text for text in FOUND[case] if text not in told.text] == []
    count = agreement.counted(ledger)
    assert len(ledger.rejected) == 0
    assert count.agreeing == count.weeks == 12


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_known_system_is_read_by_its_built_in_profile(system: str, tmp_path: Path) -> None:
    told, ledger = drafted(FORMATS / system / "raw", tmp_path)
    demand_truth(ledger, FORMATS / system / "truth")
    assert all("zone" in doubt or "at =" in doubt for doubt in told.doubts)


def test_what_no_week_decides_is_guessed_with_its_rivals(tmp_path: Path) -> None:
    told, _ = drafted(CASES / "report_39-week-ending" / "export", tmp_path)
    (doubt,) = (d for d in told.doubts if d.startswith("settlements.period"))
    assert "the day after" in doubt or "the first day" in doubt


def test_settled_amounts_of_the_opposite_sign_are_negated(tmp_path: Path) -> None:
    export = changed(tmp_path, "settled_amount", lambda text: f"{-Decimal(text)}")
    told, _ = drafted(export, tmp_path)
    assert 'amount = { column = "settled_amount", negate = true }' in told.text
    assert any("weeks agree" in line for line in told.text.splitlines())


def test_nothing_is_written_that_the_check_refuses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is refused at once: no other reading mends it."""
    caplog.set_level(logging.INFO)
    export = changed(tmp_path, "account_id", lambda text: f"office {text}")
    with pytest.raises(Fault, match="the files share no account"):
        draft.guess(export)
    assert sum("trying a reading" in record.message for record in caplog.records) < 4


def test_currencies_of_another_case_are_named_as_that(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    for name, currency in (("entries", "eur"), ("settlements", "EUR")):
        rows = [dict(r, currency=currency) for r in story(name)]
        write(
            tmp_path / "export" / f"{name}.csv", [list(rows[0]), *(list(r.values()) for r in rows)]
        )
    with pytest.raises(Fault, match="found 'eur' in entries, 'EUR' in settlements; export one of"):
        audit.run(tmp_path / "export", "canonical")


def changed(tmp_path: Path, column: str, change: Callable[[str], str]) -> Path:
    export = tmp_path / "export"
    copytree(CASES / "report_24-account-without-a-settlement-row" / "export", export)
    path = export / "settlements.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {column: change(row[column])} for row in rows)
    return export


@pytest.mark.parametrize("point", [".", ""])
def test_amounts_of_closings_that_never_repeat_are_amounts(point: str, tmp_path: Path) -> None:
    for name, money in (("entries", "amount"), ("settlements", "settled_amount")):
        table = pd.read_csv(CASES.parents[2] / "data" / "sample" / f"{name}.csv", dtype=str)
        table[money] = table[money].str.replace(".", point)
        table = table.rename(columns={"settled_amount": "closed", "kind": "type"})
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    told, _ = drafted(tmp_path, tmp_path)
    assert 'settled_amount = "closed"' in told.text
    assert "6 of 6 weeks agree" in told.text


def written_anew(
    folder: Path, name: str, change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [change(row) for row in csv.DictReader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def other_sign_for(*accounts: str, money: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """Some accounts owe instead of being owed, so that a sign that is not read shows."""
    return lambda row: (
        row | {money: f"{-Decimal(row[money])}"} if row["account_id"] in accounts else row
    )


def aside(row: dict[str, str]) -> dict[str, str]:
    amount = Decimal(row.pop("settled_amount"))
    return row | {"settled": f"{abs(amount)}", "side": "D" if amount < 0 else "C"}


def in_two(row: dict[str, str]) -> dict[str, str]:
    amount = Decimal(row.pop("settled_amount"))
    debit, credit = (f"{-amount}", "") if amount < 0 else ("", f"{amount}")
    return row | {"paid debit": debit, "paid credit": credit}


@pytest.mark.parametrize(
    ("way", "found"),
    [(aside, 'direction = "side", plus = ["C"]'), (in_two, 'credit = "paid credit", positive = ')],
)
def test_the_sign_of_settled_amounts_may_stand_beside_them(
    way: Callable[[dict[str, str]], dict[str, str]], found: str, tmp_path: Path
) -> None:
    """And the entries are those of which there are more, whatever the files are called."""
    export = changed(tmp_path, "settled_amount", str)
    owing = "900", "901", "902"
    written_anew(export, "entries", other_sign_for(*owing, money="amount"))
    written_anew(
        export,
        "settlements",
        lambda row: way(other_sign_for(*owing, money="settled_amount")(row)),
    )
    (export / "settlements.csv").rename(export / "closed.csv")
    (export / "entries.csv").rename(export / "posted.csv")
    told, ledger = drafted(export, tmp_path)
    assert found in told.text.partition("[settlements]")[2]
    count = agreement.counted(ledger)
    assert (len(ledger.rejected), count.agreeing) == (0, count.weeks)


def test_text_in_parquet_is_read_in_its_form(tmp_path: Path) -> None:
    export = changed(tmp_path, "settled_amount", str)
    for name in ("entries", "settlements"):
        table = pd.read_csv(export / f"{name}.csv", dtype=str)
        instant = "recorded_at" if name == "entries" else "settled_at"
        table[instant] = pd.to_datetime(table[instant]).dt.strftime("%d.%m.%Y %H:%M:%S.%f")
        with duckdb.connect() as con:
            con.register("t", table)
            con.table("t").write_parquet(str(export / f"{name}.parquet"))
        (export / f"{name}.csv").unlink()
    told, ledger = drafted(export, tmp_path)
    assert 'timestamp_format = "%d.%m.%Y %H:%M:%S.%f"' in told.text
    assert len(ledger.rejected) == 0


@pytest.mark.parametrize(
    ("words", "counter", "correction"),
    [
        (("Normal", "Storno", "Korrektur"), '["Storno"]', 'correction = ["Korrektur"]  # GUESSED'),
        (("e", "c", "f"), "", ""),
    ],
)
def test_what_kinds_are_called(words: tuple[str, ...], counter: str, correction: str) -> None:
    values = (words[0],) * 9 + (words[1],) * 5 + (words[2],)
    column = Column("Art", values, is_whole=True, stored_as="VARCHAR")
    kinds = forms.listed(column)
    if not counter:  # a letter says little
        assert not any(choice.is_sure for choice in kinds.values())
        return
    assert kinds["counter"].value == counter
    lines = "\n".join(choices.lines({"entries.kinds": kinds}))
    assert correction in lines


def test_no_profile_is_written_by_which_no_row_is_read(tmp_path: Path) -> None:
    export = changed(tmp_path, "settled_amount", str)
    form = choices.Choice('"%d.%m.%Y %H:%M"', "", is_sure=True)
    recorded = choices.Choice('"as_recorded"', "", is_sure=True)
    sections: choices.Sections = {"settlements": {"amounts": recorded}}
    sections |= {"entries.csv": {"timestamp_format": form}}
    with pytest.raises(Fault, match=r"no row .* can be read.*entries.csv, line 2: recorded_at"):
        trial.settled(export, sections, [])
