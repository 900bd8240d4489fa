"""A row whose other half plainly stands in another week or account explains nothing at home."""

import random
from pathlib import Path

import pytest

from settle_core.audit import Audit, audit
from settle_core.exports.arrays import whole_pass
from settle_core.exports.profiles.profile import load
from settle_core.reconcile.astray import elsewhere
from settle_core.reconcile.policies.policy_and_level import Weighed
from settle_core.reconcile.search.model import Row, Unit

HEAD = "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id\n"
SETTLEMENTS = """\
account_id,week_start,settled_amount,settled_at
1,2026-03-02,0.00,2026-03-09T03:00:00Z
1,2026-03-09,0.00,2026-03-16T03:00:00Z
2,2026-03-02,0.00,2026-03-09T03:00:00Z
"""
PROFILE = """\
[settlements]
agreement = "any"
[balancing]
policy = "{policy}"
"""
# Job c answers an entry of the next week in this one, where a and b were left without an answer:
# a and b are answered in the other account.
NEXT_WEEK = """\
11,1,2026-03-03,185.24,entry,2026-03-17T10:00:00.000Z,a
12,2,2026-03-03,-185.24,counter,2026-03-17T10:00:00.020Z,a
13,1,2026-03-03,101.97,entry,2026-03-17T10:00:00.200Z,b
14,2,2026-03-03,-101.97,counter,2026-03-17T10:00:00.220Z,b
15,1,2026-03-13,187.04,entry,2026-03-19T14:00:00.000Z,c
16,1,2026-03-06,-187.04,counter,2026-03-19T14:00:00.024Z,c
"""
# An open week holds the answers that a later writer seems to have missed.
OPEN_WEEK = """\
20,1,2026-03-02,30.48,entry,2026-03-20T18:30:21.700Z,d
21,1,2026-03-02,-30.48,counter,2026-03-20T18:30:21.847Z,d
22,1,2026-03-02,-97.61,entry,2026-03-20T18:30:21.792Z,e
23,1,2026-03-18,97.61,counter,2026-03-20T18:30:21.882Z,e
24,1,2026-03-02,156.77,entry,2026-03-20T18:30:21.730Z,f
25,1,2026-03-18,-156.77,counter,2026-03-20T18:30:21.890Z,f
"""
# One job entered rows of two weeks, and answers what one of its weeks owes: that the other week
# owes as much is chance.
AT_HOME = """\
30,1,2026-03-03,60.00,entry,2026-03-17T10:00:00.000Z,g
31,1,2026-03-03,40.00,entry,2026-03-17T10:00:00.010Z,h
32,1,2026-03-13,100.00,entry,2026-03-17T10:00:00.020Z,h
33,1,2026-03-03,-100.00,counter,2026-03-17T10:00:00.040Z,h
"""
# Of two rows that one counter-entry fits it is not plain which one it was written for.
EITHER = """\
40,1,2026-03-13,50.00,entry,2026-03-17T10:00:00.000Z,k
41,2,2026-03-04,50.00,entry,2026-03-17T10:00:00.010Z,k
42,1,2026-03-03,70.00,entry,2026-03-17T10:00:00.020Z,m
43,1,2026-03-03,-50.00,counter,2026-03-17T10:00:00.040Z,k
"""
LATER = "99,2,2026-03-30,1.00,entry,2026-04-01T10:00:00.000Z,z\n"


def audited(folder: Path, rows: str, policy: str = "auto") -> Audit:
    (folder / "entries.csv").write_text(HEAD + rows + LATER, "utf-8")
    (folder / "settlements.csv").write_text(SETTLEMENTS, "utf-8")
    (folder / "profile.toml").write_text(PROFILE.format(policy=policy), "utf-8")
    return audit.run(folder, str(folder / "profile.toml"))


@pytest.mark.parametrize("policy", ["auto", "sum", "delta"])
@pytest.mark.parametrize("rows_min", [0, 10**12])
def test_an_answer_of_another_week_is_not_taken_for_one_of_its_own(
    rows_min: int, policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", rows_min)
    result = audited(tmp_path, NEXT_WEEK + OPEN_WEEK, policy)
    by_rule = {f.entry_id: f.rule for f in result.findings if f.entry_id}
    pairs = {"11": "12", "13": "14", "15": "16", "22": "23", "24": "25"}
    assert by_rule == {
        **dict.fromkeys(pairs, "answered_elsewhere"),
        **dict.fromkeys(pairs.values(), "misplaced_counter"),
    }
    places = result.ledger.con.execute(
        "SELECT list(place) FROM replay GROUP BY account_id, effective_date"
    ).fetchall()
    assert all(sorted(each) == [*range(len(each))] for (each,) in places)


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        (AT_HOME, {"32": "uncountered_entry"}),
        (EITHER, {"43": "wrong_counter", "40": "uncountered_entry", "41": "uncountered_entry"}),
    ],
)
def test_a_row_that_its_own_week_needs_stays_in_it(
    rows: str, rules: dict[str, str], tmp_path: Path
) -> None:
    result = audited(tmp_path, rows)
    assert {f.entry_id: f.rule for f in result.findings if f.entry_id} == rules


def test_rows_of_which_none_add_up_to_nothing_are_a_fault_each() -> None:
    rng = random.Random(7)  # noqa: S311
    told = 0
    profile = load("canonical")
    for _ in range(300):
        rows = [
            Row(str(k), rng.random() < 0.5, rng.choice([-3, -2, -1, 1, 2, 3]), k, k, "j", number=k)
            for k in range(rng.randint(1, 4))
        ]
        unit = Unit("1", 0, [rows])
        here = {row.number for row in rows}
        if elsewhere.is_nothing_else(unit, here):
            told += 1
            assert Weighed(unit, profile, 1 << 62).faults
            alone = (unit._replace(days=[[row]]) for row in rows)
            assert all(Weighed(each, profile, 1 << 62).faults for each in alone)
    assert told > 50
