"""Several rows that are one answer, under both policies."""

import pytest

from settle_core.reconcile.search.model import Judged, Row
from settle_core.reconcile.search.search import Group

SKEW_US = 2_000_000
MS = 1000
DAY_MS = 86_400_000


def row(number: int, amount: int, at_ms: int, job: str | None = None, answers: str = "") -> Row:
    is_counter = answers != "" or (job or "").startswith("c")
    name = answers if answers not in {"", "-"} else None
    return Row(str(number), is_counter, amount, at_ms * MS, number, job, None, name)


def told(rows: list[Row], policy: str) -> dict[str, Judged]:
    judged = Group(rows, SKEW_US).explanation(policy).judged
    return {j.row.entry_id: j for j in judged if j.role not in {"late", "right"}}


@pytest.mark.parametrize("policy", ["sum", "delta"])
@pytest.mark.parametrize("parts", [(-100, -19), (-50, -50, -19), (-1, -118)])
def test_parts_that_add_up_are_right(policy: str, parts: tuple[int, ...]) -> None:
    rows = [row(1, 119, 0)]
    rows += [row(k, part, 100 + k, "c1") for k, part in enumerate(parts, start=2)]
    assert told(rows, policy) == {}


@pytest.mark.parametrize("policy", ["sum", "delta"])
def test_partial_credits_that_name_one_entry_may_be_days_apart(policy: str) -> None:
    rows = [row(1, 100, 0), row(2, -60, DAY_MS, "c1", "1"), row(3, -40, 2 * DAY_MS, "c2", "1")]
    assert told(rows, policy) == {}


def test_partial_credits_that_do_not_add_up_are_wrong_by_the_difference() -> None:
    rows = [row(1, 100, 0), row(2, -60, DAY_MS, "c1", "1"), row(3, -50, 2 * DAY_MS, "c2", "1")]
    (judged,) = told(rows, "delta").values()
    assert (judged.row.entry_id, judged.expected, judged.row.amount) == ("3", -40, -50)


@pytest.mark.parametrize("amount", [400, -1234])
def test_the_same_answer_twice_is_not_taken_for_parts(amount: int) -> None:
    rows = [row(1, amount, 0), row(2, -amount, 100, "c1"), row(3, -amount, 107, "c1")]
    for policy in ("sum", "delta"):
        (judged,) = told(rows, policy).values()
        assert (judged.row.entry_id, judged.role, judged.expected) == ("3", "wrong", 0)


@pytest.mark.parametrize("policy", ["sum", "delta"])
@pytest.mark.parametrize("again", [(3,), (3, 4), (3, 4, 3), (3, 4, 3, 4)])
def test_answers_of_a_job_that_is_run_again_are_not_taken_for_parts(
    policy: str, again: tuple[int, ...]
) -> None:
    amounts = {3: -48235, 4: 28337}
    rows = [row(1, 48235, 0), row(2, -28337, 4), row(3, -48235, 8, "c1"), row(4, 28337, 12, "c1")]
    rows += [row(k, amounts[of], 12 + 4 * k, "c1") for k, of in enumerate(again, start=5)]
    judged = told(rows, policy).values()
    assert [(j.row.entry_id, j.role, j.expected) for j in judged] == [
        (str(k), "wrong", 0) for k in range(5, 5 + len(again))
    ]


def test_an_answer_under_a_cap_is_wrong_by_what_it_left_and_the_next_takes_that_back() -> None:
    rows = [row(1, 10010, 0), row(2, -5000, 50, "c5"), row(3, -17593, DAY_MS)]
    rows += [row(k, 5000, DAY_MS + 100 + k, "c11") for k in (4, 5)]
    rows += [row(6, 2583, DAY_MS + 120, "c11")]
    judged = told(rows, "sum")
    assert set(judged) == {"2", "6"}
    assert judged["2"].row.amount - judged["2"].expected == 5010
    assert (judged["6"].role, judged["6"].row.amount - judged["6"].expected) == (
        "compensating",
        -5010,
    )


def test_a_job_whose_entry_was_answered_answers_no_other_jobs() -> None:
    rows = [row(1, 10, 0)._replace(job_id="j1"), row(2, 10, 200)._replace(job_id="j2")]
    rows += [row(k, -10, at, None, "-")._replace(job_id="j2") for k, at in ((3, 1000), (4, 21000))]
    judged = told(rows, "delta")
    assert {i: j.role for i, j in judged.items()} == {"1": "uncountered", "4": "wrong"}


@pytest.mark.parametrize("job", ["c2", None])
def test_a_rounded_answer_is_of_the_entry_moments_before(job: str | None) -> None:
    rows = [row(1, 12900, 0), row(2, -12900, 200, "c1"), row(3, 12884, 9 * DAY_MS)]
    rows += [row(4, -12900, 9 * DAY_MS + 200, job, "-")]
    rows[2] = rows[2]._replace(job_id=job)
    (judged,) = told(rows, "delta").values()
    assert (judged.row.entry_id, judged.expected) == ("4", -12884)


def test_what_is_taken_back_within_the_moment_is_no_part_of_an_answer() -> None:
    rows = [row(1, 500, 0), *(row(k, -500, 100 + k, "c1") for k in (2, 3)), row(4, 500, 130, "c1")]
    judged = told(rows, "sum")
    assert [(j.row.entry_id, j.role, j.expected) for j in judged.values()] == [
        ("3", "wrong", 0),
        ("4", "compensating", 0),
    ]


def test_net_and_tax_posted_again_are_each_one_too_many() -> None:
    rows = [row(1, 119, 0)]
    rows += [row(k, -100 if k % 2 else -19, 100 + k // 2, "c1") for k in range(3, 7)]
    judged = told(rows, "sum")
    assert [(j.row.entry_id, j.expected) for j in judged.values()] == [("5", 0), ("6", 0)]


def test_the_same_answer_three_times_is_no_answer_to_a_run_of_entries() -> None:
    # Together minus the last two entries; but the first row by itself is all that was owed.
    rows = [row(1, 1000, 0), row(2, 1000, 160), row(3, -2500, 270)]
    rows += [row(k, 500, 500 + 20 * k, "c1") for k in (4, 5, 6)]
    judged = told(rows, "sum")
    assert {i: (j.role, j.expected) for i, j in judged.items()} == {
        "5": ("wrong", 0),
        "6": ("wrong", 0),
    }


@pytest.mark.parametrize("policy", ["sum", "delta"])
@pytest.mark.parametrize("after_ms", [9, 50_000])
@pytest.mark.parametrize(("amount", "part"), [(-19, "3"), (-100, "2"), (-7, None)])
def test_a_part_posted_again_is_told_of_that_part(
    policy: str, after_ms: int, amount: int, part: str | None
) -> None:
    rows = [row(1, 119, 0), row(2, -100, 100, "c1"), row(3, -19, 104, "c1")]
    (judged,) = told([*rows, row(4, amount, 104 + after_ms, "c1")], policy).values()
    assert (judged.row.entry_id, judged.expected) == ("4", 0)
    assert judged.unseen == ((part,) if part else ())


@pytest.mark.parametrize("policy", ["sum", "delta"])
@pytest.mark.parametrize("name", ["", "20"])
@pytest.mark.parametrize("before", [(), (100, -100), (7,)])
def test_an_answer_that_is_taken_back_and_posted_again_is_right(
    policy: str, name: str, before: tuple[int, ...]
) -> None:
    rows = [row(k, amount, k, None if amount > 0 else "c0") for k, amount in enumerate(before, 10)]
    rows += [row(20, 50, 100), row(21, -50, 200, "c1", name)]
    rows += [row(22, 50, DAY_MS, "c2", name), row(23, -50, DAY_MS + 3, "c2", name)]
    assert set(told(rows, policy)) == ({"10"} if 7 in before else set())


@pytest.mark.parametrize("policy", ["sum", "delta"])
@pytest.mark.parametrize(
    "names", [("20", "20", ""), ("20", "", "20"), ("20", "", ""), ("", "20", "20")]
)
def test_what_names_another_entry_than_what_it_would_take_back_is_no_repost(
    policy: str, names: tuple[str, str, str]
) -> None:
    rows = [row(20, 50, 100), row(21, -50, 200, "c1", names[0])]
    rows += [row(22, 50, DAY_MS, "c2", names[1]), row(23, -50, DAY_MS + 3, "c2", names[2])]
    assert told(rows, policy)


@pytest.mark.parametrize("name", ["", "20"])
@pytest.mark.parametrize(
    ("jobs", "later_ms"), [(("c2", "c3"), 3), (("c1", "c1"), 3), (("c2", "c2"), 60_000)]
)
def test_what_another_job_takes_back_or_the_same_later_is_no_repost(
    name: str, jobs: tuple[str, str], later_ms: int
) -> None:
    rows = [row(20, 50, 100), row(21, -50, 200, "c1", name)]
    rows += [row(22, 50, DAY_MS, jobs[0], name), row(23, -50, DAY_MS + later_ms, jobs[1], name)]
    assert told(rows, "sum")


@pytest.mark.parametrize("name", ["", "20"])
def test_an_answer_that_is_posted_again_first_and_then_taken_back_is_no_repost(name: str) -> None:
    rows = [row(20, 50, 100), row(21, -50, 200, "c1", name)]
    rows += [row(22, -50, DAY_MS, "c2", name), row(23, 50, DAY_MS + 3, "c2", name)]
    assert told(rows, "sum")
