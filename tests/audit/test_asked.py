"""What is asked of an audit, a plan or a comparison is held to its form before a row is read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from settle_core.audit import audit, owed
from settle_core.cli import main
from settle_core.errors import Fault
from settle_core.exports import agreement, history
from settle_core.exports import profile as profiles

EXPORT = Path(__file__).parents[2] / "data" / "rails" / "console"


@pytest.fixture(autouse=True)
def _nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr(agreement, "read", read)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("weeks", "2026-13-01:", "not a date in --weeks"),
        ("as_of", "yesterday", "not an instant in --as-of"),
        ("max_age", "soon", "not an age in --max-age"),
        ("previous", "no/such/folder", "no such export"),
        ("dispositions", "no/such.toml", "dispositions cannot be read in no/such.toml"),
        ("log", "no/such.log", "log cannot be read in no/such.log: found No such file"),
        ("log", str(EXPORT / "ledgers.csv"), "log is of no known format"),
    ],
)
def test_audit_is_refused_before_it_reads(name: str, value: str, said: str) -> None:
    with pytest.raises(Fault, match=said):
        audit.run(EXPORT, "rails", **{name: value})


@pytest.mark.parametrize(
    "told",
    [
        lambda profile: owed.plan(EXPORT, profile, "yesterday"),
        lambda profile: history.compare("no/such/folder", EXPORT, profile),
    ],
    ids=["balance", "compare"],
)
def test_plan_and_comparison_are_refused_likewise(
    told: Callable[[profiles.Profile], object],
) -> None:
    with pytest.raises(Fault):
        told(profiles.load("rails"))


def test_command_does_not_plan_into_a_file_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "owed.csv"
    out.write_text("mine\n", "utf-8")
    with pytest.raises(SystemExit) as left:
        main.main(["balance", str(EXPORT), "--profile", "rails", "--out", str(out)])
    assert left.value.code == 2
    assert "the file is there already" in capsys.readouterr().err
    assert out.read_text("utf-8") == "mine\n"
