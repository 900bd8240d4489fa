"""One counter-entry elsewhere answers several late entries, or several rows of it are one answer.

To answer these late entries where they stand would post the same money a second time.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from settle_core.audit import Audit, audit, owed
from settle_core.exports.profiles import profile as profiles

HEAD = "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id\n"
SETTLEMENTS = """\
account_id,week_start,settled_amount,settled_at
1,2026-03-02,0.00,2026-03-09T03:00:00Z
1,2026-03-09,0.00,2026-03-16T03:00:00Z
2,2026-03-02,0.00,2026-03-09T03:00:00Z
"""
PROFILE = 'settlements.agreement = "any"\nbalancing.policy = "{}"\n'
# What others keep: days, or weeks.
DAYS = """\
1,2,2026-03-03,7.10,entry,2026-03-10T10:00:00.000Z,x
2,2,2026-03-03,-7.10,counter,2026-03-10T10:00:01.000Z,x
3,2,2026-03-04,8.20,entry,2026-03-11T10:00:00.000Z,y
4,2,2026-03-04,-8.20,counter,2026-03-11T10:00:01.000Z,y
99,2,2026-03-30,1.00,entry,2026-04-01T10:00:00.000Z,z
"""
WEEKS = DAYS.replace(",counter,", "?").replace("2026-03-03,-7.10?", "2026-03-07,-7.10,counter,")
WEEKS = WEEKS.replace("2026-03-04,-8.20?", "2026-03-07,-8.20,counter,")
FEE = """\
11,1,2026-03-04,-200.37,entry,2026-03-17T10:00:00.000Z,a
12,1,2026-03-04,4.01,entry,2026-03-17T10:00:00.020Z,a
"""
NET = "13,1,2026-03-18,196.36,counter,2026-03-17T10:00:01.000Z,b\n"
LOST = "10,1,2026-03-04,55.00,entry,2026-03-12T10:00:00.000Z,l\n"
LATER = "14,1,2026-03-04,-41.00,entry,2026-03-20T10:00:00.000Z,m\n"
LATER_ANSWER = "15,1,2026-03-04,41.00,counter,2026-03-20T10:00:01.000Z,n\n"
BURST = """\
11,1,2026-03-04,-200.37,entry,2026-03-17T10:00:00.000Z,a
12,1,2026-03-06,4.01,entry,2026-03-17T10:00:00.100Z,a2
"""
TAX = """\
11,1,2026-03-04,119.00,entry,2026-03-17T10:00:00.000Z,a
12,1,2026-03-18,-100.00,counter,2026-03-17T10:00:01.000Z,b
13,1,2026-03-18,-19.00,counter,2026-03-17T10:00:01.004Z,b
"""
TAKEN_BACK = """\
11,1,2026-03-04,-200.37,entry,2026-03-17T10:00:00.000Z,a
12,1,2026-03-18,200.37,counter,2026-03-17T10:00:01.000Z,b
13,1,2026-03-04,200.37,entry,2026-03-17T20:00:00.000Z,c
14,1,2026-03-04,-200.37,counter,2026-03-17T20:00:01.000Z,d
"""
EQUAL = """\
11,1,2026-03-04,-9.99,entry,2026-03-17T10:00:00.000Z,a
12,1,2026-03-06,-9.99,entry,2026-03-17T11:00:00.000Z,b
"""
ONE = "13,1,2026-03-18,9.99,counter,2026-03-17T12:00:00.000Z,c\n"
SOLD = "15,1,2026-03-19,-9.99,entry,2026-03-19T12:00:00.000Z,s\n"


def audited(folder: Path, rows: str, policy: str = "auto", more_settlements: str = "") -> Audit:
    (folder / "entries.csv").write_text(HEAD + rows, "utf-8")
    (folder / "settlements.csv").write_text(SETTLEMENTS + more_settlements, "utf-8")
    (folder / "profile.toml").write_text(PROFILE.format(policy), "utf-8")
    return audit.run(folder, str(folder / "profile.toml"))


def told(result: Audit) -> dict[str, str]:
    return {f.entry_id: f.rule for f in result.findings if f.entry_id}


def planned(folder: Path) -> set[str]:
    """The late entries that `settle balance` would answer now."""
    ledger = owed.plan(folder, profiles.load(str(folder / "profile.toml")))
    return {row for (row,) in ledger.con.execute("SELECT answers FROM plan").fetchall()}


@pytest.mark.parametrize(
    ("rows", "answered", "lost"),
    [
        (FEE + NET, {"11", "12"}, {}),
        (FEE + NET.replace("03-18", "03-11"), {"11", "12"}, {}),
        (FEE + NET.replace("03-18", "03-05"), {"11", "12"}, {}),
        (LOST + FEE + NET, {"11", "12"}, {"10": Decimal("55.00")}),
        (FEE + NET + LATER, {"11", "12"}, {"14": Decimal("-41.00")}),
        (WEEKS + BURST + NET, {"11", "12"}, {}),
        (TAX, {"11"}, {}),
        (EQUAL + ONE + ONE.replace("13,", "14,").replace("12:", "13:") + SOLD, {"11", "12"}, {}),
    ],
)
def test_what_stands_elsewhere_for_several_is_moved_and_not_posted_again(
    rows: str, answered: set[str], lost: dict[str, Decimal], tmp_path: Path
) -> None:
    rows = rows if rows.startswith(WEEKS) else DAYS + rows
    result = audited(tmp_path, rows)
    cells = [line.split(",") for line in rows.splitlines()]
    counters = [cell[0] for cell in cells if cell[1] == "1" and cell[4] == "counter"]
    assert told(result) == {
        **dict.fromkeys(answered, "answered_elsewhere"),
        **dict.fromkeys(counters, "misplaced_counter"),
        **dict.fromkeys(lost, "uncountered_entry"),
    }
    assert sum(c.amount for c in result.corrections) == -sum(lost.values())
    assert planned(tmp_path) == set(lost)


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        # One answer of an amount that two late entries have: which of them it is for is not told.
        (EQUAL + ONE, {"11": "uncountered_entry", "12": "uncountered_entry"}),
        # Something is sold at that amount, too, and reversed in the open week.
        (
            EQUAL[: EQUAL.index("12,")] + ONE + ONE.replace("13,", "14,") + SOLD + SOLD[1:],
            {"11": "uncountered_entry"},
        ),
        # What it has the amount of is there in its own week as well, just before.
        (
            EQUAL[: EQUAL.index("12,")] + ONE + SOLD.replace("19T12:0", "17T11:5"),
            {"11": "uncountered_entry"},
        ),
        # A later answer to another late entry of the day left out what stands elsewhere.
        (FEE + NET + LATER + LATER_ANSWER, {"15": "wrong_counter"}),
        # A part of an answer stands at home, the rest in the open week.
        (TAX.replace("12,1,2026-03-18", "12,1,2026-03-04"), {"12": "wrong_counter"}),
        # The two parts are there, but hours apart.
        (TAX.replace("10:00:01.004Z,b", "12:00:01.004Z,c"), {"11": "uncountered_entry"}),
        # What elsewhere answers an entry is answered again, where its opposite is answered.
        (TAKEN_BACK, {"14": "duplicate_counter"}),
        # Days are what others keep, and this would answer two of them.
        (BURST + NET, {"11": "uncountered_entry", "12": "uncountered_entry"}),
    ],
)
def test_where_an_answer_may_stand_elsewhere_nothing_is_proposed(
    rows: str, rules: dict[str, str], tmp_path: Path
) -> None:
    is_sum = LATER_ANSWER in rows or TAKEN_BACK in rows
    result = audited(tmp_path, DAYS + rows, "sum" if is_sum else "auto")
    assert told(result) == rules
    assert not result.corrections
    assert not planned(tmp_path)
    assert all("no correction is proposed" in f.explanation for f in result.findings if f.entry_id)


@pytest.mark.parametrize(
    "rows",
    [
        # Before the second of them was there, of another account, or months after.
        FEE.replace("10:00:00.020", "10:00:09.020") + NET,
        FEE + NET.replace("13,1,", "13,2,"),
        FEE + NET.replace("2026-03-17", "2026-07-17").replace("2026-03-18", "2026-07-18"),
        # Not those that were recorded one after the other.
        FEE.replace("12,", "12,1,2026-03-04,1.00,entry,2026-03-17T10:00:00.010Z,n\n16,")[:-2]
        + "o\n"
        + NET,
    ],
)
def test_that_some_amounts_add_up_elsewhere_is_chance(rows: str, tmp_path: Path) -> None:
    result = audited(tmp_path, DAYS + rows)
    assert set(told(result).values()) == {"uncountered_entry"}
    owed_now = [f.expected_amount or 0 for f in result.findings if f.rule == "uncountered_entry"]
    assert sum(c.amount for c in result.corrections) == sum(owed_now) != 0


def test_what_an_answer_elsewhere_may_cover_besides_is_not_posted_again(tmp_path: Path) -> None:
    # A second answer elsewhere is to all of the day: to the first ones, too, as none stood there.
    again = "15,1,2026-03-20,237.36,counter,2026-03-20T10:00:01.000Z,n\n"
    result = audited(tmp_path, DAYS + FEE + NET + LATER + again, "sum")
    (open_one,) = (f for f in result.findings if f.rule == "uncountered_entry")
    assert "15 of 237.36" in open_one.explanation
    assert not result.corrections
    assert not planned(tmp_path)


def test_a_week_that_was_judged_by_its_days_is_no_whole_for_what_stands_elsewhere(
    tmp_path: Path,
) -> None:
    """Its account's only vote is for weeks, against those of all others."""
    others, settled = "", ""
    for account in (3, 4):
        others += "".join(
            f"{account}{row.replace(',2,', f',{account},', 1)}\n" for row in DAYS.splitlines()
        )
        settled += f"{account},2026-03-02,0.00,2026-03-09T03:00:00Z\n"
    astray = """\
11,1,2026-03-06,-25.00,entry,2026-03-10T10:00:00.000Z,
12,1,2026-03-07,25.00,counter,2026-03-10T11:00:00.000Z,
13,1,2026-03-06,-25.00,entry,2026-03-11T10:00:00.000Z,
14,1,2026-03-06,25.00,counter,2026-03-11T11:00:00.000Z,
15,1,2026-03-06,-12.00,entry,2026-03-13T10:00:00.000Z,
16,1,2026-03-06,11.93,counter,2026-03-13T11:00:00.000Z,
"""
    result = audited(tmp_path, DAYS + others + astray, more_settlements=settled)
    assert told(result) == {
        "12": "misplaced_counter",
        "13": "answered_elsewhere",
        "15": "uncountered_entry",
        "16": "orphan_counter",
    }
