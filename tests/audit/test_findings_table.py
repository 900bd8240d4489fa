"""Findings as rows of a table say what the same findings say as objects."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settle_core import formats, sql
from settle_core.audit import audit, finding
from settle_core.audit.audit import Audit
from settle_core.contract import Finding

RISKY = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH COMMERCIAL AT}"
ODD = f"\r\n\t'\",;.0129 \0\xe4{RISKY}"


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(sql.text("audit", "finding_text"))
        yield opened


@given(texts=st.lists(st.text(st.sampled_from(ODD)) | st.text(), min_size=1, max_size=20))
@settings(max_examples=200, deadline=None)
def test_text_is_harmless_and_quoted_as_python_does_it(
    con: duckdb.DuckDBPyConnection, texts: list[str]
) -> None:
    query = "SELECT CSV_TEXT(HARMLESS_TEXT(UNNEST(CAST($texts AS VARCHAR []))))"
    told = [text for (text,) in con.execute(query, {"texts": texts}).fetchall()]
    assert told == [formats.csv_field(formats.harmless(text)) for text in texts]


# Python takes two of these for 10 and 3.
THREE = "\N{ARABIC-INDIC DIGIT THREE}"
ACCOUNTS = ("9", "1_0", THREE, "010", "-4", "+12", "a", "0x1", "=b", "\xe4")
ENTRY = "{number},{account},2026-01-06,4.00,entry,2026-01-13T09:00:00Z\n"
SETTLEMENT = "{account},2026-01-05,0.00,2026-01-12T03:00:00Z\n"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    folder = tmp_path_factory.mktemp("odd")
    head = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
    rows = [ENTRY.format(number=n, account=each) for n, each in enumerate(ACCOUNTS, 9)]
    (folder / "entries.csv").write_text(head + "".join(rows), "utf-8")
    head = "account_id,week_start,settled_amount,settled_at\n"
    rows = [SETTLEMENT.format(account=each) for each in ACCOUNTS]
    (folder / "settlements.csv").write_text(head + "".join(rows), "utf-8")
    return audit.run(folder, "canonical")


def _number(text: str) -> tuple[bool, int, str]:
    try:
        return False, int(text), text
    except ValueError:
        return True, 0, text


def test_ids_of_any_form_are_in_their_own_order(odd: Audit) -> None:
    accounts = list(dict.fromkeys(f.account_id for f in odd.findings))
    assert accounts == sorted(ACCOUNTS, key=_number)


@pytest.mark.parametrize("name", ["odd", "cached", "delta"])
def test_the_file_is_the_same_from_the_table_and_from_objects(
    name: str, odd: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", 0)
    exports = {"cached": "sidekiq_cached", "delta": "sidekiq_retry"}
    run = odd if name == "odd" else audit.run(f"data/rails/{exports[name]}", "rails")
    finding.write_csv(tmp_path / "table.csv", run.findings)
    finding.write_csv(tmp_path / "objects.csv", tuple(run.findings))
    assert (tmp_path / "table.csv").read_bytes() == (tmp_path / "objects.csv").read_bytes()
    assert len(run.findings) > 1


def test_findings_are_read_one_by_one_or_together(odd: Audit) -> None:
    apart = finding.Findings(odd.ledger)
    assert [apart[0], apart[3], apart[-1]] == [odd.findings[k] for k in (0, 3, -1)]
    assert apart[1:3] == tuple(odd.findings)[1:3]
    assert (apart == odd.findings, apart == (), odd.findings[0] in apart) == (True, False, True)
    with pytest.raises(IndexError):
        apart[len(apart)]
    assert all(isinstance(each, Finding) and each.finding_id for each in apart)
