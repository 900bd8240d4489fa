"""The walk: what follows from its steps, what it says, and that one can read the drawing."""

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from walks import HOSTILE, MASKED, SVG, WALKS, labels, overlaps, parse, texts

from settle_core import formats
from settle_core.audit import audit
from settle_core.audit.walk import WRONG, Seen, Span, Walk
from settle_core.report.charts import walk_text
from settle_core.report.charts.walk import figure

ROOT = Path(__file__).parents[2]
EVERY = pytest.mark.parametrize("shown", WALKS.values(), ids=WALKS.keys())


def test_residual_runs_from_step_to_step() -> None:
    values = ["75.00", "541.41", "0.00", "-541.41", "-864.67", "0.00"]
    assert MASKED.residuals == tuple(map(Decimal, values))
    assert MASKED.final == 0


def test_writer_saw_the_state_before_the_first_row_that_it_missed() -> None:
    assert MASKED.seen(3) == Seen(Decimal("541.41"), after=1, unseen=(2,))


def test_writer_that_missed_everything_saw_the_start() -> None:
    assert WALKS["from_nothing"].seen(2) == Seen(Decimal(0), after=-1, unseen=(0, 1))


def test_writer_that_missed_a_row_in_between_saw_no_state_of_the_walk() -> None:
    assert WALKS["gap"].seen(5) == Seen(Decimal("107.00"), after=None, unseen=(1,))


@pytest.mark.parametrize("name", ["delta", "orphan", "answered"])
def test_nothing_was_seen_where_no_sum_was_read_or_nothing_is_known(name: str) -> None:
    shown = WALKS[name]
    assert [shown.seen(at) for at in range(len(shown.steps))] == [None] * len(shown.steps)


def test_span_off_lasts_from_the_wrong_counter_to_what_took_it_back() -> None:
    (span,) = MASKED.spans_off
    assert span == Span(3, 5, (Decimal("-541.41"),))
    assert MASKED.seconds(span) == pytest.approx(10.653)


def test_span_that_still_lasts_has_no_length() -> None:
    shown = WALKS["twice_wrong"]
    (span,) = shown.spans_off
    assert (span, shown.seconds(span)) == (Span(3, 5, (Decimal(-100), Decimal(-200))), None)


@EVERY
def test_labels_never_overlap_and_stay_on_the_sheet(shown: Walk) -> None:
    picture = figure(shown)
    found = labels(picture)
    sheet = parse(picture)
    width, height = float(sheet.attrib["width"]), float(sheet.attrib["height"])
    assert overlaps(found) == []
    outside = [
        label.text
        for label in found
        if min(label.box) < 0 or label.box.right > width or label.box.bottom > height
    ]
    assert outside == []


def test_overlaps_are_found() -> None:
    one = labels(figure(MASKED))[0]
    moved = one._replace(box=one.box._replace(left=one.box.left + 5))
    assert overlaps([one, moved]) == [(one.text, one.text)]


@EVERY
def test_every_wrong_amount_is_written_and_no_other_one_is_made_up(shown: Walk) -> None:
    written = [text for text in texts(figure(shown)) if re.fullmatch(r"[+\u2212][\d,.]+", text)]
    amounts = [formats.signed(each.amount) for each in shown.steps]
    axis = {text for text in written if text not in amounts}
    assert {text[0] for text in axis} <= {formats.MINUS}  # below zero on the axis
    wrong = [formats.signed(shown.steps[at].amount) for at in shown.wrong if shown.steps[at].amount]
    assert [text for text in wrong if text not in written] == []


def test_short_walk_shows_every_step() -> None:
    found = texts(figure(MASKED))
    for each in MASKED.steps:
        assert {each.entry_id, formats.signed(each.amount)} <= set(found)
    assert "wrong: owed 0.00, posted \u2212541.41" in found
    assert "compensating: owed +323.26, posted +864.67" in found
    assert (
        "recorded 23\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026, 09:45:47 to 09:45:58 UTC" in found
    )


def tips(shown: Walk) -> list[tuple[float, float]]:
    """Where the arrows of a walk end: the first corner of each red triangle."""
    paths = [node.attrib for node in parse(figure(shown)).iter(f"{SVG}path")]
    red = [each["d"] for each in paths if each["fill"] == formats.RED and each["d"].count("L") == 2]
    corners = [re.findall(r"[\d.-]+", path) for path in red]
    return [(float(numbers[0]), float(numbers[1])) for numbers in corners]


def circles(shown: Walk) -> dict[tuple[float, float], str]:
    """The round marks of a walk's plot, and their filling; the legend's are left out."""
    nodes = parse(figure(shown)).iter(f"{SVG}circle")
    marks = {(float(n.attrib["cx"]), float(n.attrib["cy"])): n.attrib["fill"] for n in nodes}
    lowest = max(y for _, y in marks)
    return {at: filling for at, filling in marks.items() if at[1] < lowest}


def test_arrow_leads_to_the_state_that_the_writer_saw() -> None:
    ((x, y),) = tips(MASKED)
    ordered = sorted(circles(MASKED))
    seen = ordered[1]  # 7743: the last step that the writer of 7751 saw
    assert y == pytest.approx(seen[1])
    assert seen[0] < x < ordered[2][0]


def test_arrow_of_a_writer_that_saw_nothing_leads_before_the_first_step() -> None:
    shown = WALKS["from_nothing"]
    ((x, y),) = tips(shown)
    marks = sorted(circles(shown))
    assert x < marks[0][0]
    assert y == pytest.approx(marks[1][1])  # the start is zero, as after the healthy counter


def test_level_that_was_true_at_no_time_names_the_rows_that_were_missed() -> None:
    assert "6 saw +107.00: all rows but 2" in texts(figure(WALKS["gap"]))
    assert len(tips(WALKS["gap"])) == 1


def test_writers_that_saw_the_same_share_one_text() -> None:
    found = " ".join(texts(figure(WALKS["twice_wrong"])))
    assert "4 and 5 saw +100.00, which was true before counter 3" in found
    assert len(tips(WALKS["twice_wrong"])) == 2


def test_arrows_are_at_most_five() -> None:
    assert len(tips(WALKS["fan"])) == 5


def test_no_arrow_where_no_sum_was_read() -> None:
    assert tips(WALKS["delta"]) == []


def test_late_entries_are_hollow_and_counters_filled() -> None:
    fillings = [filling for _, filling in sorted(circles(MASKED).items())]
    assert fillings == [formats.WHITE, formats.WHITE, formats.INK, formats.WHITE]


def test_time_off_is_said() -> None:
    found = texts(figure(MASKED))
    assert "off by \u2212541.41 for 10.7\N{NO-BREAK SPACE}s" in found
    assert "still off by \u2212200.00" in texts(figure(WALKS["twice_wrong"]))


def test_nothing_hostile_becomes_markup_or_mathematics() -> None:
    picture = figure(WALKS["hostile"])
    root = parse(picture)
    found = {node.tag.removeprefix(SVG) for node in root.iter()}
    assert found == {"svg", "g", "title", "path", "circle", "text"}
    assert [name for node in root.iter() for name in node.attrib if name.startswith("on")] == []
    assert "<img" not in picture.svg
    assert "\x00" not in picture.svg
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in picture.svg
    assert any("<img src=x onerror=a" in text for text in texts(picture))
    assert HOSTILE[:6] in root.attrib["aria-label"]


@EVERY
def test_picture_fetches_nothing(shown: Walk) -> None:
    svg = figure(shown).svg
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"href|url\(|<style|<script", svg) == []


def test_picture_is_the_same_in_every_process() -> None:
    code = (
        "from walks import WALKS; import hashlib;"
        "from settle_core.report.charts.walk import figure;"
        "print(hashlib.sha256(''.join(figure(w).svg for w in WALKS.values()).encode()).hexdigest())"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_recorded_day_of_the_story() -> None:
    run = audit.run(ROOT / "data/rails/sidekiq_cached", "rails")
    entries = [f for f in run.findings if f.account_id == "35" and f.entry_id == "7751"]
    (shown,) = run.walks(entries)
    assert walk_text.title(shown) == walk_text.title(MASKED)
    assert [each.role for each in shown.steps if each.role in WRONG] == ["duplicate"]
    found = texts(figure(shown))
    assert {"+466.41", "\u2212541.41", "+864.67", "8342"} <= set(found)
    assert "its writer saw +541.41, which was true before counter 7745" in " ".join(found)
