"""Dispositions: what is accepted stays listed, fails no run, and is told when it lapses."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pages import EXPORTS, audited

from settle_core.audit import audit, disposition
from settle_core.audit.audit import Audit
from settle_core.cli import main
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.report import settled_weeks

ROOT = Path(__file__).parents[2]
CACHED = ROOT / "data" / "rails" / "sidekiq_cached"
LONG = date(2099, 1, 1)


def accepting(
    folder: Path, findings: Sequence[Finding], expires: date = LONG, off: tuple[str, str] = ("", "")
) -> str:
    """A file that accepts findings; `off` replaces what is said of each."""
    blocks = [disposition.block(f, reason="known", author="A", expires=expires) for f in findings]
    text = "\n".join(blocks)
    name, value = off
    lines = [f'{name} = "{value}"' if x.startswith(f"{name} =") else x for x in text.splitlines()]
    (folder / "accepted.toml").write_text("\n".join(lines), "utf-8")
    return str(folder / "accepted.toml")


def again(run: Audit, file: str) -> Audit:
    return audit.run(run.export, "canonical", dispositions=file)


def entries(run: Audit) -> list[Finding]:
    return [f for f in run.findings if f.entry_id]


@pytest.mark.parametrize("name", ["pending", "masked", "broken"])
def test_accepted_findings_stay_and_no_longer_fail_the_run(name: str, tmp_path: Path) -> None:
    run = audited(tmp_path, EXPORTS[name])
    found = [f for f in entries(run) if f.rule != "compensating_counter"]
    now = again(run, accepting(tmp_path, found))
    assert (run.verdict, now.verdict) == (name, "reconciled")
    assert [f[:2] for f in now.findings] == [f[:2] for f in run.findings]
    assert [f.effect for f in now.findings] == [f.effect for f in run.findings]
    assert now.corrections == ()
    assert now.open_cents == ()
    told = {f.finding_id: f for f in now.findings}
    for f in found:
        assert told[f.finding_id].status == "accepted"
        assert told[f.finding_id].explanation.endswith("Accepted by A until 2099-01-01: known")
    text = (
        settled_weeks.told(now).text
        + settled_weeks.headline(now).text
        + settled_weeks.accepted(now).text
    )
    assert "accepted or put right" in text
    assert "known" in text
    assert ("Not 1 of 1, but" in text) == (name != "masked")


def test_expiry_is_judged_by_the_audited_instant(tmp_path: Path) -> None:
    run = audited(tmp_path, EXPORTS["broken"])
    day = run.as_of.date()
    for expires, verdict in (
        (day, "reconciled"),
        (date.fromordinal(day.toordinal() - 1), "broken"),
    ):
        now = again(run, accepting(tmp_path, entries(run), expires))
        assert now.verdict == verdict
    assert [d.state for d in now.dispositions] == ["expired"]
    assert now.corrections == run.corrections
    assert f"expired on {expires}" in entries(now)[0].explanation
    assert "1 acceptance holds no longer" in settled_weeks.told(now).text
    assert ">expired<" in settled_weeks.accepted(now).text


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("effect", "-19.99", "differs"),
        ("rule", "wrong_counter", "differs"),
        ("account_id", "8", "differs"),
        ("entry_id", "3", "differs"),
        ("finding_id", "0123456789abcdef", "unmatched"),
    ],
)
def test_what_says_something_else_accepts_nothing(
    name: str, value: str, state: str, tmp_path: Path
) -> None:
    run = audited(tmp_path, EXPORTS["broken"])
    now = again(run, accepting(tmp_path, entries(run), off=(name, value)))
    assert now.verdict == "broken"
    assert [d.state for d in now.dispositions] == [state]
    assert now.corrections == run.corrections
    assert f">{state}<" in settled_weeks.accepted(now).text
    assert now.dispositions[0].note.split(".")[0] in settled_weeks.accepted(now).text


def test_some_of_many_are_accepted_and_the_others_corrected(tmp_path: Path) -> None:
    run = audit.run(CACHED, "rails")
    opened = [f for f in run.findings if f.entry_id and f.status == "open"]
    chosen = opened[::3]
    now = audit.run(CACHED, "rails", dispositions=accepting(tmp_path, chosen))
    left = sum((f.effect or Decimal() for f in opened if f not in chosen), Decimal())
    assert -sum((c.amount for c in now.corrections), Decimal()) == left
    assert now.verdict == "broken"
    weeks = {(f.account_id, f.week_start) for f in opened if f not in chosen}
    off = [f for f in now.findings if f.rule == "unbalanced_week"]
    assert {(f.account_id, f.week_start) for f in off if f.status == "open"} <= weeks
    assert any(f.status == "accepted" for f in off)
    assert now.open_cents == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[accept]]\nfinding_id = 'a'", r"no reason in .*, number 1: expected .* found none"),
        ("[[accept]]\nfinding_id = 'a'\nreason = ' '", "no reason in"),
        ("{}\nwho = 'me'", r"unknown key in .*, number 1: .* found who"),
        ("{}\n{}", "accepted more than once in .* found 4f1c 2 times"),
        ("{}\neffect = 'much'", "bad effect in .*: expected an amount"),
        ("[[accept]]\nfinding_id='a'\nreason='r'\nauthor='b'\nexpires='soon'", "bad expires in"),
        ("[accept]\nfinding_id = 'a'", "unknown key in .* found accept of another kind"),
        ("[[accepted]]", "unknown key in .* found accepted"),
        ("{}\nauthor = 'B'", "not a TOML file in "),
    ],
)
def test_fault_in_the_file_is_one_line(
    text: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = "[[accept]]\nfinding_id='4f1c'\nreason='r'\nauthor='b'\nexpires=2026-12-31\n"
    path = tmp_path / "accepted.toml"
    path.write_text(text.replace("{}", whole), "utf-8")
    with pytest.raises(Fault, match=line) as fault:
        disposition.read(str(path))
    assert "\n" not in str(fault.value)
    with pytest.raises(SystemExit) as left:
        main.main(["audit", str(CACHED), "--dispositions", str(path), "--runs", str(tmp_path)])
    assert left.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"settle: {fault.value}"


def test_command_writes_what_the_audit_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = audited(tmp_path, EXPORTS["broken"])
    run.write(tmp_path / "run")
    (found,) = entries(run)
    given = ["--reason", 'a "quoted" \\ reason', "--author", "Zoë", "--expires", "2099-01-01"]
    with pytest.raises(SystemExit):
        main.main(["accept", str(tmp_path / "run"), found.finding_id[:6], *given])
    file = tmp_path / "accepted.toml"
    printed = capsys.readouterr()
    assert not printed.err
    file.write_text(printed.out, "utf-8")
    with pytest.raises(SystemExit) as left:
        main.main(["accept", str(tmp_path / "run"), found.finding_id, *given[:-1], "2025-12-31"])
    past = capsys.readouterr()
    assert (left.value.code, "expires = 2025-12-31" in past.out) == (0, True)
    assert past.err.startswith("settle: --expires 2025-12-31 is past: ")
    runs = ["--runs", str(tmp_path / "runs")]
    with pytest.raises(SystemExit) as left:
        main.main(["audit", str(tmp_path), "--dispositions", str(file), *runs])
    assert left.value.code == 0
    out = capsys.readouterr().out.splitlines()
    assert "dispositions: 1 finding accepted" in out
    manifest = json.loads((Path(out[-1]) / "manifest.json").read_text("utf-8"))
    told = manifest["dispositions"]
    assert (told["path"], told["bytes"]) == (str(file), file.stat().st_size)
    assert told["acceptances"][0]["reason"] == 'a "quoted" \\ reason'
    assert told["acceptances"][0]["state"] == "accepted"
    assert manifest["parameters"]["dispositions"] == str(file)


def test_an_id_of_any_characters_is_accepted_by_what_the_command_prints(tmp_path: Path) -> None:
    run = audited(tmp_path, EXPORTS["broken"])
    odd = 'a\x07"\\\x7fb'
    found = entries(run)[0]._replace(entry_id=odd, explanation=f"Entry {odd} is off.")
    given = disposition.read(accepting(tmp_path, [found]))
    assert given
    now, _ = disposition.apply([found], given, date(2026, 1, 1), {})
    assert now[0].status == "accepted"
