"""What a walk says: its title tells what is seen, its subtitle what happened."""

import pytest
from walks import MASKED, WALKS, step, texts, walk

from settle_core.audit.walk import Walk
from settle_core.report.charts import walk_text
from settle_core.report.charts.walk import figure


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("masked", "the same counter-entry twice, then masked"),
        ("answered", "every late entry answered"),
        ("cancelled", "late entries that cancel out"),
        ("lost", "a late entry without a counter-entry"),
        ("twice_wrong", "the same counter-entry three times"),
        ("fan", "the same counter-entry eight times"),
        ("orphan", "a counter-entry that answers no late entry"),
        (
            "gap",
            (
                "a counter-entry of another amount than was owed, a late entry without a "
                "counter-entry and a counter-entry that nothing explains"
            ),
        ),
    ],
)
def test_title_says_what_is_seen(name: str, said: str) -> None:
    assert walk_text.title(WALKS[name]) == f"Account 35, Sunday 6 September 2026: {said}"


def test_title_of_a_week_names_its_first_day() -> None:
    week = Walk("35", "EUR", "week", None, MASKED.week_start, MASKED.steps)
    assert walk_text.title(week).startswith("Account 35, week of Monday 31 August 2026: ")
    assert "residual of the week, EUR" in texts(figure(week))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("masked", "Job 56862e\N{HORIZONTAL ELLIPSIS} posted 7751 from a sum read before 7745."),
        ("gap", "posted 6 without having seen 2. 1 more is wrong."),
        ("delta", "posted 3 again for what 2 answered."),
        ("lost", "No counter-entry answers 1."),
        ("orphan", "posted 1, with no late entry to answer."),
    ],
)
def test_subtitle_says_what_happened(name: str, said: str) -> None:
    assert walk_text.subtitle(WALKS[name]).endswith(said)


def test_subtitle_says_so_where_the_order_is_not_the_clock_s() -> None:
    shown = walk(step("1", "5.00", "late", after=1), step("2", "-5.00", "right"))
    assert "as far as the clocks allow" in walk_text.subtitle(shown)
