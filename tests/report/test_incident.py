"""One cause from first to last bad: the figures are those of the recorded truth."""

import json
import re
from decimal import Decimal
from operator import attrgetter
from pathlib import Path

import pytest

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.report import aggregates, incident

RAILS = Path(__file__).parents[2] / "data" / "rails"
CAUSES = {"sidekiq_cached": "stale_read", "sidekiq_race": "race", "sidekiq_retry": "repeated_job"}
PIECES = (
    incident.headline,
    incident.figures,
    incident.since,
    incident.over_time,
    incident.evidence,
    incident.jobs,
    incident.weeks,
    incident.accounts,
    incident.put_right,
)


@pytest.mark.parametrize("export", CAUSES)
def test_the_cause_with_most_effect_is_the_one_that_was_recorded(export: str) -> None:
    found = incident.of(str(RAILS / export), "rails")
    truth = json.loads((RAILS / export / "truth.json").read_text("utf-8"))
    wrong = truth["wrong_counters"]
    assert found.cause == CAUSES[export]
    days = {(each.account_id, str(each.effective_date)) for each in found.breaks}
    assert days == {(str(each["user_id"]), each["date"]) for each in wrong}
    total = incident.reach(found.breaks)
    assert total.entries == len(wrong)
    assert (
        total.net == aggregates.net(found.run, "EUR") == -sum(c.amount for c in found.corrections)
    )
    assert total.gross == aggregates.gross(found.run, "EUR")
    assert incident.moments(found.breaks)[-1][1:] == (total.net, total.gross)
    for key in ("account_id", "week_start", "job_id"):
        parts = incident.groups(found.breaks, attrgetter(key))
        assert sum(part.entries for _, part in parts) == total.entries
        assert sum((part.net for _, part in parts), Decimal(0)) == total.net


def test_first_and_last_bad_bound_every_break() -> None:
    found = incident.of(str(RAILS / "sidekiq_cached"), "rails")
    total = incident.reach(found.breaks)
    times = [each.recorded_at for each in found.breaks]
    assert times == sorted(t for t in times if t is not None)
    assert (times[0], times[-1]) == (total.first, total.last)
    before, within, after = incident.neighbours(found)
    assert before + within + after == found.run.counters
    text = re.sub(r"<[^>]*>", " ", incident.since(found).text)
    assert f"{within} counter-entries were recorded, {total.entries} of them wrong" in text


@pytest.mark.parametrize(("export", "cause"), [("console", ""), ("sidekiq_race", "lost_job")])
def test_nothing_to_tell_is_said(export: str, cause: str) -> None:
    found = incident.of(str(RAILS / export), "rails", cause)
    assert found.breaks == ()
    assert "Nothing: no " in incident.headline(found).text
    assert all(getattr(piece(found), "text", "") or piece is incident.figures for piece in PIECES)


def test_incomplete_audit_does_not_say_nothing_without_a_word(tmp_path: Path) -> None:
    text = (RAILS / "console" / "ledgers.csv").read_text("utf-8")
    (tmp_path / "ledgers.csv").write_text(text.replace("730.42", "730.425", 1), "utf-8")
    settlements = (RAILS / "console" / "settlements.csv").read_bytes()
    (tmp_path / "settlements.csv").write_bytes(settlements)
    found = incident.take(audit.run(tmp_path, "rails"))
    assert found.run.verdict == "incomplete"
    assert "incomplete" in incident.headline(found).text


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"cause": "gremlins"},
            r"no such cause in parameter cause: expected stale_read, .*gremlins",
        ),
        ({"cause": 3}, r"wrong type in parameter cause: expected text, found 3 \(int\)"),
        ({"export": "nowhere"}, "nowhere"),
    ],
)
def test_wrong_parameter_is_one_line(given: dict[str, str], line: str) -> None:
    with pytest.raises(Fault, match=line) as fault:
        incident.of(**({"export": str(RAILS / "console"), "profile": "rails"} | given))
    assert "\n" not in str(fault.value)
