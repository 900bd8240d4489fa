"""Of several currencies nothing is ranked by bare numbers: a thousand yen are not 900 euros."""

from dataclasses import replace
from pathlib import Path

import pytest

from settle_core import audit
from settle_core.audit import alert, finding, run_folder, terminal_lines
from settle_core.contract import Finding
from settle_core.report import aggregates, details, incident, settled_weeks, trend
from settle_core.report.html import Html

QUIET = ("AED", "BGN", "CHF", "CZK", "DKK")
LATE = {"JPY": (3000, 2000, 1000), "EUR": (900, 5), "KWD": (7,)}
IN_TURN: list[tuple[str, object]] = [
    *(("JPY", 3000), ("EUR", 900), ("KWD", 7)),
    *(("JPY", 2000), ("EUR", 5)),
    ("JPY", 1000),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> audit.Audit:
    """Late entries that nothing answered: three of yen, two of euros, one of dinars."""
    folder = tmp_path_factory.mktemp("export")
    entries = ["entry_id,account_id,effective_date,amount,kind,recorded_at,currency"]
    settled = ["account_id,week_start,settled_amount,settled_at,currency"]
    for currency, amounts in LATE.items():
        for amount in amounts:
            account = f"{currency}-{amount}"
            at = f"2026-01-20T00:00:{len(entries):02}Z"
            entries.append(f"{len(entries)},{account},2026-01-06,{amount},entry,{at},{currency}")
            settled.append(f"{account},2026-01-05,0,2026-01-13T00:00:00Z,{currency}")
    for currency in QUIET:
        entries.append(f"{len(entries)},9,2026-01-06,1,entry,2026-01-06T00:00:00Z,{currency}")
        settled.append(f"9,2026-01-05,1,2026-01-13T00:00:00Z,{currency}")
    (folder / "entries.csv").write_text("\n".join(entries) + "\n", "utf-8")
    (folder / "settlements.csv").write_text("\n".join(settled) + "\n", "utf-8")
    return audit.run(folder, "canonical", as_of="2026-02-01")


def ranked(found: list[Finding]) -> list[tuple[str, object]]:
    """Currency and effect, in order."""
    return [(each.currency, each.effect) for each in found]


def test_the_largest_of_each_currency_come_in_turn(made: audit.Audit) -> None:
    rows = aggregates.entry_level(made.findings)
    assert ranked(finding.biggest(made.findings, 9)) == IN_TURN
    assert ranked(aggregates.biggest(rows, 4)) == IN_TURN[:4]
    days: list[tuple[str, object]] = [(d.currency, d.effect) for d in aggregates.worst(made, 5)]
    assert days == IN_TURN[:5]
    assert ranked(finding.largest((f for f in rows if f.currency == "JPY"), 2)) == [
        ("JPY", 3000),
        ("JPY", 2000),
    ]


def test_a_reader_is_told_so_and_in_which_currency_each_is(
    made: audit.Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aggregates.IN_TURN in details.worst(made, []).text
    run = made.write(tmp_path / "run")
    told = terminal_lines.told(
        run_folder.read(run), terminal_lines.biggest(run_folder.figures(run))
    )
    assert "the biggest of 12 findings, of each currency in turn:" in told
    lines = [line.rpartition(", in ")[2] for line in told if line[1:2] == "."]
    assert lines == [currency for currency, _ in IN_TURN[:5]]
    said = [line for line in alert.of(run).text() if line.startswith("- ")]
    for line, (currency, _) in zip(said, IN_TURN, strict=False):
        assert f", in {currency}. " in line
    monkeypatch.setattr(trend, "_ROWS_MOST", 2)
    assert "the 2 with the largest effect of each currency in turn:" in (
        trend.new(trend.read(str(tmp_path))).text
    )


def test_the_cause_of_an_incident_is_not_chosen_by_a_sum_over_currencies(
    made: audit.Audit,
) -> None:
    causes = {"EUR": "race", "KWD": "race", "JPY": "stale_read"}
    found = [f._replace(cause=causes[f.currency]) for f in made.findings]
    without = [f for f in found if f.amount not in {1000, 2000}]  # one of yen, three of others
    assert incident.take(replace(made, findings=without)).cause == "race"
    of_one = [f._replace(currency="JPY") for f in without]
    assert incident.take(replace(made, findings=of_one)).cause == "stale_read"


def test_where_few_currencies_are_shown_it_is_those_with_most_findings(
    made: audit.Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = settled_weeks.figures(made).text
    assert shown.index("6,000 JPY") < shown.index("905.00 EUR") < shown.index("7.000 KWD")
    assert "and 4 more" in shown
    monkeypatch.setattr(settled_weeks, "_CHARTS_MOST", 1)
    for drawn in (settled_weeks.where(made, made.weeks), settled_weeks.over_time(made)):
        assert isinstance(drawn, Html)
        assert "JPY" in drawn.text.partition("</svg>")[0]
        assert "2 more currencies (EUR, KWD): see the findings." in drawn.text
