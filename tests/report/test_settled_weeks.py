"""The report's pieces: the answer for every verdict, and the same numbers everywhere."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from pages import COLUMNS, EXPORTS, WEEK, audited, recorded

from settle_core import contract, formats
from settle_core.audit import audit
from settle_core.contract import Finding
from settle_core.report import aggregates, details, html, narrative, settled_weeks


@pytest.mark.parametrize(
    ("verdict", "answer", "said"),
    [
        (
            "reconciled",
            "Yes, all of them, and nothing is left to do.",
            (
                "The one settled week has its settled amount. 1 entry was recorded after "
                "settlement, 1 counter-entry followed, and they agree to the cent."
            ),
        ),
        (
            "pending",
            "Yes so far; late entries still wait for their counter-entries.",
            (
                "The one settled week has not yet come back to its settled amount. 1 entry was "
                "recorded after settlement, no counter-entry followed. 1 late entry is within the "
                "grace period and may still be answered."
            ),
        ),
        (
            "masked",
            "They do now, but only because later counter-entries took earlier wrong ones back.",
            (
                "The one settled week has its settled amount. 2 entries were recorded after "
                "settlement, 3 counter-entries followed. 1 counter-entry is wrong: the data does "
                "not tell why. It was absorbed by later counter-entries and no longer shows in any "
                "sum."
            ),
        ),
        ("broken", "No: 1 of 1 did not.", "The one settled week no longer has its settled amount."),
        (
            "incomplete",
            "Not known: the audit is not complete, and what it did not see proves nothing.",
            (
                "This audit is not complete: 1 of 5 rows could not be read. What follows holds "
                "only for what was examined."
            ),
        ),
    ],
)
def test_headline_and_story(tmp_path: Path, verdict: str, answer: str, said: str) -> None:
    run = audited(tmp_path, EXPORTS[verdict])
    assert run.verdict == verdict
    headline = settled_weeks.headline(run).text
    assert f"<h1>{narrative.QUESTION}</h1>" in headline
    assert f">{verdict}</b> {answer}</p>" in headline
    assert settled_weeks.told(run).text.startswith(f'<p class="story">{said}')


def test_every_verdict_is_tried() -> None:
    assert set(EXPORTS) == set(contract.VERDICTS)


@pytest.mark.parametrize(
    ("verdict", "net", "gross"),
    [
        ("reconciled", "0.00", "0.00"),
        ("pending", "0.00", "0.00"),  # it may yet be answered
        ("masked", "0.00", "20.00"),
        ("broken", "\u221220.00", "20.00"),
    ],
)
def test_net_is_what_is_open_and_gross_holds_what_is_masked(
    tmp_path: Path, verdict: str, net: str, gross: str
) -> None:
    tile = settled_weeks.figures(audited(tmp_path, EXPORTS[verdict])).text
    assert f"<b>{net}</b> <span>open, net, EUR</span>" in tile
    assert f"<b>{gross}</b> <span>gross, masked included, EUR</span>" in tile
    assert ("<b>1</b> <span>late entries still waiting" in tile) == (verdict == "pending")


def test_nothing_incomplete_looks_green(tmp_path: Path) -> None:
    run = audited(tmp_path, EXPORTS["incomplete"])
    pieces = settled_weeks.headline(run).text.split("</style>")[1] + settled_weeks.figures(run).text
    assert "good" not in pieces
    assert '<b class="pill stop">incomplete</b>' in pieces
    assert "could not be read" in settled_weeks.appendix(run).text
    for piece in (
        settled_weeks.why(run),
        settled_weeks.since(run),
        settled_weeks.worst(run, []),
        settled_weeks.findings(run),
    ):
        assert "among what was examined" in piece.text


def test_incomplete_without_a_rejected_row_is_not_green_either(tmp_path: Path) -> None:
    run = audited(tmp_path, EXPORTS["reconciled"])
    errored = run.rule_runs[0]._replace(status="errored", message="no such table")
    run = replace(run, verdict="incomplete", rule_runs=(errored, *run.rule_runs[1:]))
    assert "good" not in settled_weeks.figures(run).text
    assert f"1 rule did not run ({errored.rule})" in settled_weeks.told(run).text
    assert "no such table" in settled_weeks.rules(run).text


@pytest.mark.parametrize("name", ["sidekiq_cached", "sidekiq_retry", "sidekiq_race", "console"])
def test_numbers_are_the_same_wherever_they_stand(name: str) -> None:
    run = recorded(name)
    net = aggregates.net(run, "EUR")
    assert net == -sum((c.amount for c in run.corrections), Decimal(0))
    assert formats.amount(net) in settled_weeks.figures(run).text
    wrong = len(aggregates.wrong_counters(run.findings))
    assert (
        f"<b>{formats.count(wrong)}</b> <span>wrong counter-entries"
        in settled_weeks.figures(run).text
    )
    moments = aggregates.over_time(run, "EUR")
    if moments:
        assert (moments[-1].net, moments[-1].gross) == (net, aggregates.gross(run, "EUR"))
        assert f"{formats.count(wrong)} counter-entries are wrong" in settled_weeks.told(run).text
        assert f"{formats.count(run.weeks_off)} of 720" in settled_weeks.told(run).text
    off = [cell for cell in aggregates.cells(run, "EUR") if cell.residual]
    assert len(off) == run.weeks_off
    assert sum((cell.residual for cell in off), Decimal(0)) == net
    assert sum(row[3] for row in aggregates.causes(run, "EUR")) == sum(
        aggregates.effect(finding) for finding in aggregates.breaks(run.findings)
    )


def test_currencies_are_never_added_up(tmp_path: Path) -> None:
    run = audited(tmp_path, EXPORTS["broken"])
    findings = [f._replace(currency=unit) for unit in ("EUR", "JPY") for f in run.findings]
    totals = (("EUR", Decimal(1)), ("JPY", Decimal(1)))
    run.ledger.inputs = (run.inputs[0]._replace(totals=totals), *run.inputs[1:])
    run = replace(run, findings=tuple(findings))
    tile = settled_weeks.figures(run).text
    assert "<b>\u221220.00 EUR</b> <b>\u221220.00 JPY</b>" in tile
    assert "40.00" not in tile
    where = settled_weeks.where(run, run.weeks)
    assert where.text.count("<svg") == 2
    # An untrusted notebook keeps images only; of a chart's shapes it leaves the words.
    assert isinstance(where, html.Pictured)
    assert where.shown.count("<img") == 2
    assert "<svg" not in where.shown


def test_yen_have_no_decimals_anywhere(tmp_path: Path) -> None:
    rows = [",".join((*row, "JPY")).replace(".00,", "00,") for row in EXPORTS["broken"]]
    head = ",".join((*COLUMNS, "currency"))
    (tmp_path / "entries.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    weeks = "account_id,week_start,settled_amount,settled_at,currency\n"
    weeks += ",".join((*WEEK, "JPY")).replace(".00,", "00,")
    (tmp_path / "settlements.csv").write_text(weeks, encoding="utf-8")
    run = audit.run(tmp_path, "canonical")
    walks = run.walks(aggregates.breaks(run.findings))
    said = settled_weeks.walks(run, walks, is_listed=True)
    shown = unescape(said.text) + settled_weeks.worst(run, walks).text
    assert f"saw +{2000:,}" in shown
    assert "a residual of 2,000 and" in shown
    assert "00.00" not in shown


def test_clean_report_tells_how_to_doubt_it() -> None:
    clean = recorded("console")
    told = shlex.split(narrative.trial(clean))
    assert told[:3] == ["settle", "simulate", "--power"]
    assert Path(told[3]).name == "console"
    assert narrative.trial(clean) in unescape(details.findings(clean).text)
    odd = replace(clean, export="my exports/o'clock")
    assert shlex.split(narrative.trial(odd))[3] == "my exports/o'clock"


def test_report_with_findings_needs_no_such_doubt() -> None:
    assert "--power" not in details.findings(recorded("sidekiq_retry")).text


class Read(tuple[Finding, ...]):
    """Findings that count how often they are gone through."""

    __slots__ = ()
    times = 0

    def __iter__(self) -> Iterator[Finding]:
        Read.times += 1
        return super().__iter__()


def test_many_walks_go_through_the_findings_as_often_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = recorded("sidekiq_cached")
    walks = run.walks(run.findings)
    assert len(walks) > 100
    run = replace(run, findings=Read(run.findings))
    times = []
    for told in (walks[:1], walks):
        monkeypatch.setattr(Read, "times", 0)
        details.walks(run, told, is_listed=True)
        times.append(Read.times)
    assert times[0] == times[1] > 0
