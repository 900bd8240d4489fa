"""Exports of nine systems, each read by a written profile: as their truth says, and audited so."""

import tomllib
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from foreign import FORMATS, SYSTEMS, demand_planted, demand_truth

from settle_core.audit import audit
from settle_core.audit.finding import at_scale
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger


@pytest.mark.parametrize("system", SYSTEMS)
def test_export_is_read_as_its_truth(system: str) -> None:
    folder = FORMATS / system
    ledger = Ledger.read(folder / "raw", profiles.load(str(folder / "profile.toml")))
    demand_truth(ledger, folder / "truth")


@pytest.mark.parametrize("system", SYSTEMS)
def test_findings_are_those_that_were_planted(system: str) -> None:
    folder = FORMATS / system
    found = audit.run(folder / "raw", str(folder / "profile.toml"))
    demand_planted(found)
    (mismatch,) = (run for run in found.rule_runs if run.rule == "settled_amount_mismatch")
    is_recorded = "as_recorded" in (folder / "profile.toml").read_text("utf-8")
    assert mismatch.status == ("not_applicable" if is_recorded else "passed")
    assert found.agreement.is_recorded == is_recorded


def test_currencies_have_their_own_decimals(tmp_path: Path) -> None:
    """Minor units: 5800 yen are 5800, as many cents 58.00 euros, and 1500 fils of Kuwait 1.500."""
    header = "entry_id,account_id,effective_date,amount,kind,recorded_at,currency\n"
    rows = [(1, "jpy", 5800), (2, "EUR", 5800), (3, "KWD", 1500), (4, "JPY", -100)]
    lines = [f"{n},7,2026-01-06,{a},entry,2026-01-06T09:00:00Z,{c}\n" for n, c, a in rows]
    (tmp_path / "entries.csv").write_text(header + "".join(lines), "utf-8")
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at,currency\n"
        "7,2026-01-05,5900,2026-01-12T03:00:00Z,jpy\n"
        "7,2026-01-05,1600,2026-01-12T03:00:00Z,KWD\n",
        "utf-8",
    )
    path = tmp_path / "minor.toml"
    path.write_text('money.unit = "minor"\nsettlements.agreement = "any"\n', "utf-8")
    found = audit.run(tmp_path, str(path))
    read = found.ledger.con.execute("SELECT amount FROM entry ORDER BY entry_id").fetchall()
    assert [amount for (amount,) in read] == [5800, 58, Decimal("1.5"), -100]
    effects = {str(f.effect) for f in found.findings if f.currency == "KWD"}
    assert effects == {"-0.100"}
    said = {f.currency.upper(): f.explanation for f in found.findings if f.entry_id == ""}
    assert "Settled at 5900," in said["JPY"]
    assert ".0" not in said["JPY"]
    assert "1.600" in said["KWD"]
    totals = {code.upper(): str(total) for code, total in found.inputs[0].totals}
    assert totals["EUR"] == "58.00"
    assert totals["KWD"] == "1.500"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("of_entries", ["KWD", "EUR"])
def test_decimals_of_a_currency_are_known_where_each_row_has_them(
    of_entries: str, kind: str, tmp_path: Path
) -> None:
    """No row is accepted with the decimals of the others, by which the currency was known."""
    (tmp_path / "entries.csv").write_text(
        "entry_id,account_id,effective_date,amount,kind,recorded_at,currency\n"
        f"1,7,2026-01-06,1.{'234' if of_entries == 'KWD' else '20'},entry,2026-01-06T09:00:00Z,"
        f"{of_entries}\n"
        "2,7,2026-01-06,1.20,entry,2026-01-06T09:00:00Z,EUR\n",
        "utf-8",
    )
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at,currency\n"
        "7,2026-01-05,1.234,2026-01-12T03:00:00Z,KWD\n",
        "utf-8",
    )
    if kind == "parquet":
        for name in ("entries", "settlements"):
            path = tmp_path / f"{name}.csv"
            with duckdb.connect() as con:
                con.read_csv(str(path), all_varchar=True).write_parquet(
                    str(path.with_suffix(".parquet"))
                )
            path.unlink()
    found = audit.run(tmp_path)
    assert list(found.ledger.rejected) == []
    assert {str(total) for _, total in found.inputs[1].totals} == {"1.234"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("profile", "amount", "currencies"),
    [
        ("", "100.4", ("JPY", "JPY")),
        ("", "100.4", ("JPY", "EUR")),
        ("money.scales = { JPY = 0 }", "100.4", ("JPY", "JPY")),
        ("money.scale = 3\nmoney.scales = { EUR = 2 }", "10.124", ("EUR", "EUR")),
    ],
)
def test_more_decimals_than_the_currency_has_are_rejected_not_rounded(
    profile: str, amount: str, currencies: tuple[str, str], kind: str, tmp_path: Path
) -> None:
    """Also where no row has as many as the profile allows: 100.4 yen were read as 100."""
    (tmp_path / "ours.toml").write_text(profile, "utf-8")
    settled = amount[: amount.index(".")] if "JPY" in currencies else "10.12"
    (tmp_path / "entries.csv").write_text(
        "entry_id,account_id,effective_date,amount,kind,recorded_at,currency\n"
        f"1,7,2026-01-06,{amount},entry,2026-01-06T09:00:00Z,{currencies[0]}\n"
        f"2,8,2026-01-20,1,entry,2026-01-20T09:00:00Z,{currencies[1]}\n",
        "utf-8",
    )
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at,currency\n"
        f"7,2026-01-05,{settled},2026-01-12T03:00:00Z,{currencies[0]}\n",
        "utf-8",
    )
    if kind == "parquet":
        typed = "SELECT * REPLACE (amount::DECIMAL(18, 3) AS amount) FROM 'entries.csv'"
        with duckdb.connect() as con:
            con.execute(f"SET file_search_path = '{tmp_path}'")
            con.sql(typed).write_parquet(str(tmp_path / "entries.parquet"))
        (tmp_path / "entries.csv").unlink()
    found = audit.run(tmp_path, str(tmp_path / "ours.toml"))
    assert found.verdict == "incomplete"
    (row,) = found.ledger.rejected
    assert amount in row.reason
    assert "decimals" in row.reason


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_named_where_the_header_is_one_name(
    delimiter: str, tmp_path: Path
) -> None:
    sample = FORMATS.parent / "sample"
    for name in ("entries.csv", "settlements.csv"):
        text = (sample / name).read_text("utf-8").replace(",", delimiter)
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(Fault, match=r"set csv\.delimiter = ") as caught:
        Ledger.read(tmp_path, profiles.load("canonical"))
    told = str(caught.value).partition("set ")[2].partition(", or")[0]
    (tmp_path / "ours.toml").write_text(told, "utf-8")
    assert len(Ledger.read(tmp_path, profiles.load(str(tmp_path / "ours.toml"))).rejected) == 0


def test_ids_in_a_sentence_are_no_amounts() -> None:
    told = "Counter-entry -12.300 did not see counter-entry 12.300 of 5.000 and entry 7.000."
    effect = Decimal("-12.300")
    found = Finding("1", "wrong_counter", "high", currency="EUR", effect=effect, explanation=told)
    (shown,) = at_scale([found], 3, lambda _: 2)
    assert shown.explanation == (
        "Counter-entry -12.30 did not see counter-entry 12.300 of 5.00 and entry 7.000."
    )
    assert (str(shown.effect), shown.amount) == ("-12.30", None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_profile_of_another_system_is_refused_by_name(system: str) -> None:
    """Also where the files are called as that profile wants them: a key or a column is named."""
    theirs = _files(FORMATS / system)
    for other in SYSTEMS:
        if other == system:
            continue
        text = (FORMATS / other / "profile.toml").read_text("utf-8")
        for was, now in zip(_files(FORMATS / other), theirs, strict=True):
            if was and now:
                text = text.replace(f'"{was}"', f'"{now}"')
        with pytest.raises(Fault, match=r"is missing \(|see csv\.|file matches"):
            checked.read(FORMATS / system / "raw", profiles.parse(text, "other"))


def _files(folder: Path) -> tuple[str, str]:
    told = tomllib.loads((folder / "profile.toml").read_text("utf-8"))
    return told["entries"]["file"], told["settlements"].get("file", "")
