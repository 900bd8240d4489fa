"""Simulated exports: clean ones give no finding, planted faults give exactly theirs."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from planting import found, truth_of, wanted

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.rules import rule
from settle_core.simulation.faults import FAULTY
from settle_core.simulation.scenario import OF_HISTORY
from settle_core.simulation.schedule import FAULTS
from settle_core.simulation.simulate import parse_faults, simulate

RULES = {r.name for r in rule.catalogue()}


def is_found(fault: str) -> bool:
    """Whether there are rules for all that a fault leads to."""
    ways = FAULTY["sum"].get(fault)
    return {r for way in ways for r in way.rules} <= RULES if ways else fault in RULES


FINDABLE = [f for f in FAULTS if is_found(f)]


def audited(export: Path) -> audit.Audit:
    previous = export / "previous"
    return audit.run(export, previous=str(previous) if previous.exists() else "")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("policy", "level", "formats"),
    [("sum", "day", "csv"), ("delta", "week", "parquet"), ("mixed", "mixed", "csv")],
)
def test_clean_export_has_no_finding(policy: str, level: str, formats: str, tmp_path: Path) -> None:
    late_share = 0.05 if level == "day" else 0.03
    choices = {"policy": policy, "level": level, "formats": formats}
    export = simulate(tmp_path / "export", accounts=80, late_share=late_share, **choices)  # type: ignore[arg-type]
    result = audit.run(export)
    assert result.findings == ()
    assert result.verdict == "reconciled"
    # Clean, but not for want of anything to judge.
    assert result.late_entries == truth_of(export)["counts"]["late_entries"] > 200
    assert result.inferred.weeks_replayed > 10


@pytest.mark.parametrize("fault", FINDABLE)
def test_fault_alone_is_found_exactly(fault: str, tmp_path: Path) -> None:
    export = simulate(tmp_path / "export", accounts=30, faults={fault: 3})
    assert {f["fault"] for f in truth_of(export)["findings"]} == {fault}
    assert found(audited(export)) == wanted(export)


@pytest.mark.parametrize(
    ("policy", "level", "job_ids"),
    [("sum", "day", True), ("delta", "day", False), ("mixed", "day", True), ("sum", "week", True)],
)
def test_25_faults_of_different_kinds_are_found_exactly(
    policy: str, level: str, *, job_ids: bool, tmp_path: Path
) -> None:
    ways = FAULTY["delta" if policy == "delta" else "sum"]
    # Against an earlier export a second settlement also tells of an edited one, so not both.
    kinds = [f for f in FINDABLE if f not in OF_HISTORY and (f in ways or f not in FAULTY["sum"])]
    faults = Counter(kinds[n % len(kinds)] for n in range(25))
    export = simulate(
        tmp_path / "export",
        accounts=150,
        late_share=0.03,
        faults=faults,
        policy=policy,
        level=level,
        job_ids=job_ids,
    )
    assert found(audited(export)) == wanted(export)


def test_causes_called_proved_are_the_planted_ones(tmp_path: Path) -> None:
    faults = {"stale_read": 6, "race": 6, "masked": 4, "lost_job": 4, "repeated_job": 4}
    export = simulate(tmp_path / "export", accounts=60, late_share=0.02, faults=faults)
    causes = {f["entry_id"]: f["cause"] for f in truth_of(export)["findings"] if f["entry_id"]}
    plain = audit.run(export).findings
    assert [f.entry_id for f in plain if f.evidence == "proved" and f.entry_id] == []
    profile = tmp_path / "runs.toml"
    profile.write_text('entries.job_id_means = "run"\n')
    findings = audit.run(export, profile=str(profile)).findings
    proved = [f for f in findings if f.evidence == "proved" and f.entry_id]
    assert proved
    assert [(f.entry_id, f.cause) for f in proved if causes.get(f.entry_id) != f.cause] == []


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    faults = dict.fromkeys(FAULTS, 2)
    one, two, other = (
        simulate(tmp_path / name, seed=seed, accounts=20, late_share=0.02, faults=faults)
        for name, seed in (("one", 7), ("two", 7), ("other", 8))
    )
    names = [p.relative_to(one) for p in sorted(one.rglob("*.*"))]
    assert [str(n) for n in names] == [
        "entries.csv",
        "previous/entries.csv",
        "previous/settlements.csv",
        "settlements.csv",
        "truth.json",
    ]
    assert all((one / n).read_bytes() == (two / n).read_bytes() for n in names)
    assert not any((one / n).read_bytes() == (other / n).read_bytes() for n in names)


def test_truth_names_the_rows(tmp_path: Path) -> None:
    faults = dict.fromkeys(FAULTY["sum"], 3)
    export = simulate(tmp_path / "export", accounts=30, late_share=0.02, faults=faults)
    entries = {e["entry_id"]: e for e in read(export / "entries.csv")}
    rows = [f for f in truth_of(export)["findings"] if f["entry_id"]]
    assert len(rows) > len(faults) * 3
    for f in rows:
        entry = entries[f["entry_id"]]
        told = ("account_id", "effective_date", "amount")
        assert [entry[name] for name in told] == [f[name] for name in told]


def test_background_holds_what_is_easily_mistaken(tmp_path: Path) -> None:
    export = simulate(tmp_path / "export", accounts=60)
    settled = {(s["account_id"], s["week_start"]): s for s in read(export / "settlements.csv")}
    entries = read(export / "entries.csv")
    counters = [e for e in entries if e["kind"] == "counter"]
    amounts = Counter((e["account_id"], e["effective_date"], e["amount"]) for e in counters)
    assert amounts.most_common(1)[0][1] == 2
    days = {(e["account_id"], e["effective_date"]) for e in counters}
    cancelling = Counter(
        (e["account_id"], e["effective_date"], e["amount"].lstrip("-"))
        for e in entries
        if e["job_id"] and (e["account_id"], e["effective_date"]) not in days
    )
    assert set(cancelling.values()) == {2}
    late = sorted((e for e in entries if e["job_id"]), key=lambda e: int(e["entry_id"]))
    assert any(b["recorded_at"] < a["recorded_at"] for a, b in pairwise(late))
    assert len({week for _, week in settled}) == 12
    assert max(e["effective_date"] for e in entries) > max(week for _, week in settled)


def test_history_differs_from_the_earlier_export_in_the_planted_rows_only(tmp_path: Path) -> None:
    faults = {"changed_history": 4, "missing_history": 3}
    export = simulate(tmp_path / "export", accounts=20, late_share=0.02, faults=faults)
    now = {e["entry_id"]: e for e in read(export / "entries.csv")}
    before = {e["entry_id"]: e for e in read(export / "previous" / "entries.csv")}
    truth = [f for f in truth_of(export)["findings"] if f["entry_id"]]
    planted = {rule: {f["entry_id"] for f in truth if f["rule"] == rule} for rule in faults}
    assert {i for i in before if i in now and now[i] != before[i]} == planted["changed_history"]
    assert before.keys() - now.keys() == planted["missing_history"]
    assert [len(ids) for ids in planted.values()] == [4, 3]
    assert max(e["recorded_at"] for e in before.values()) < max(
        e["recorded_at"] for e in now.values()
    )


def test_gaps_in_ids_are_where_they_were_planted(tmp_path: Path) -> None:
    def gaps(name: str, count: int) -> Counter[int]:
        export = simulate(tmp_path / name, accounts=20, late_share=0, faults={"id_gap": count})
        ids = [int(e["entry_id"]) for e in read(export / "entries.csv")]
        return Counter(b - a for a, b in pairwise(sorted(ids)))

    assert set(gaps("whole", 0)) == {1}
    assert gaps("torn", 2)[4] == 2


def test_faults_are_read() -> None:
    assert parse_faults("stale_read=3, race=2,lost_job") == {
        "stale_read": 3,
        "race": 2,
        "lost_job": 1,
    }
    assert parse_faults("") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stale_reed=3", "unknown fault in --faults: expected one of stale_read, race, "),
        ("race=two", "bad count in --faults: expected race=N, a whole number, found 'race=two'"),
        ("race=-1", "bad count in --faults: expected race=N"),
        ("race=1,race=2", "fault named twice in --faults: found 'race'"),
    ],
)
def test_faults_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_faults(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"accounts": 0}, "bad value in accounts"),
        ({"weeks": 1}, "bad value in weeks"),
        ({"policy": "both"}, "bad value in policy"),
        ({"level": "month"}, "bad value in level"),
        ({"formats": "xlsx"}, "bad value in formats"),
        ({"late_share": 1.5}, "bad value in late_share"),
        ({"late_share": 0.9}, "too many late entries for so few weeks"),
        ({"faults": {"race": 999}}, "too many faults for so few weeks"),
        ({"faults": {"races": 1}}, "bad value in faults"),
        ({"faults": {"masked": 1}, "policy": "delta"}, "the delta policy never masks a fault"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value),
)
def test_what_cannot_be_simulated(choices: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        simulate(tmp_path / "export", **choices)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "export").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(Fault, match="not empty"):
        simulate(tmp_path)
