"""Each smallest export is told rightly: its rows, weeks, corrections, and nothing is proved."""

import tomllib
from pathlib import Path

import minimal
import pytest
from known_gaps import MINIMAL

from settle_core import Fault
from settle_core.audit import Audit
from settle_core.cli.main import main

REFUSED = [name for name, case in minimal.CASES.items() if case.get("refused")]
DRAFTED = [name for name, case in minimal.CASES.items() if "drafted" in case]
AUDITED = [name for name in minimal.CASES if name not in {*REFUSED, *DRAFTED}]


def holds(name: str, differences: list[str]) -> None:
    """Fail where a case differs that is no known gap, or does not and is one."""
    if name in MINIMAL:
        assert differences, f"{name} is right: take it from known_gaps"
        pytest.xfail("; ".join(differences))
    assert differences == []


@pytest.mark.parametrize("name", AUDITED)
def test_case_is_told_rightly(name: str, tmp_path: Path) -> None:
    case = minimal.CASES[name]
    try:
        result = minimal.audited(name)
    except Fault as fault:
        holds(name, [str(fault)])
        return
    differences = minimal.differences(case, result)
    if "says" in case:
        said = result.write(tmp_path / "run") / "manifest.json"
        summary = said.with_name("summary.json").read_text("utf-8")
        if case["says"] not in said.read_text("utf-8") + summary:
            differences.append(f"nobody says {case['says']!r}")
    holds(name, differences)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_and_corrects_nothing(name: str, tmp_path: Path) -> None:
    try:
        result = minimal.audited(name)
    except Fault:
        holds(name, [])
        return
    holds(name, _proposals(result, tmp_path))


def _proposals(result: Audit, folder: Path) -> list[str]:
    told = [] if result.verdict == "incomplete" else [f"verdict {result.verdict}"]
    told += [f"corrects {c.account_id} {c.amount}" for c in result.corrections]
    result.write(folder / "run")
    with pytest.raises(SystemExit) as left:
        main(["correct", str(folder / "run"), "--out", str(folder / "out.csv")])
    if left.value.code != 2:
        told.append(f"settle correct: exit {left.value.code}")
    return told


@pytest.mark.parametrize("name", DRAFTED)
def test_first_profile_reads_it(name: str, tmp_path: Path) -> None:
    out = tmp_path / "ours.toml"
    with pytest.raises(SystemExit):
        main(["profile", str(minimal.way(name).export), "--out", str(out)])
    drafted = tomllib.loads(out.read_text("utf-8")) if out.exists() else {}
    found = {
        "date_format": drafted.get("csv", {}).get("date_format"),
        "week_start": drafted.get("calendar", {}).get("week_start"),
    }
    wanted = minimal.CASES[name]["drafted"]
    holds(name, [f"{k} {found[k]}" for k, v in wanted.items() if found[k] != v])


def test_each_case_is_there() -> None:
    folders = {p.name for p in minimal.DATA.iterdir() if p.is_dir()}
    assert folders == set(minimal.CASES)
    assert set(MINIMAL) <= folders
