"""What is asked of an audit, a plan or a comparison is held to its form before a row is read."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from settle_core import staging
from settle_core.audit import audit, owed
from settle_core.cli import main
from settle_core.errors import Fault
from settle_core.exports import history
from settle_core.exports.archive import adding, checked
from settle_core.exports.draft import draft
from settle_core.exports.profiles import asked_weeks
from settle_core.exports.profiles import profile as profiles

EXPORT = Path(__file__).parents[2] / "data" / "rails" / "console"


@pytest.fixture(autouse=True)
def _nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr(checked, "read", read)
    monkeypatch.setattr(draft, "guess", read)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("weeks", "2026-13-01:", "not a date in --weeks"),
        ("weeks", "2026-08-04:", "FROM is within a week in --weeks: expected a Monday"),
        ("weeks", "2026-08-05", "found 2026-08-05, a Wednesday; give 2026-08-03 or 2026-08-10"),
        ("weeks", ":2026-08-08", "TO is within a week"),
        ("weeks", "2026-08-10:2026-08-03", "no week in --weeks: expected FROM not after TO"),
        ("as_of", "yesterday", "not an instant in --as-of"),
        ("max_age", "soon", "not an age in --max-age"),
        ("previous", "no/such/folder", "no such export"),
        ("dispositions", "no/such.toml", "dispositions cannot be read in no/such.toml"),
        ("log", "no/such.log", "log cannot be read in no/such.log: found No such file"),
        ("log", str(EXPORT / "ledgers.csv"), "log is a table without a column of lines"),
    ],
)
def test_audit_is_refused_before_it_reads(name: str, value: str, said: str) -> None:
    with pytest.raises(Fault, match=said):
        audit.run(EXPORT, "rails", **{name: value})


def test_archive_takes_whole_weeks_alone(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="FROM is within a week"):
        adding.add(EXPORT, tmp_path / "kept", profiles.load("rails"), "2026-08-04:")
    assert not (tmp_path / "kept").exists()


def test_the_last_day_of_a_week_is_its_end_and_weeks_begin_as_the_profile_says() -> None:
    sunday = profiles.parse('[calendar]\nweek_start = "sunday"\n', "ours")
    asked_weeks.demand_whole("2026-08-02:2026-08-08", sunday)
    asked_weeks.demand_whole("2026-08-03:2026-08-09", profiles.load("rails"))
    asked_weeks.demand_whole(":9999-12-26", profiles.load("rails"))
    with pytest.raises(Fault, match=r"expected a Sunday.*give 2026-08-02 or 2026-08-09"):
        asked_weeks.demand_whole("2026-08-03:", sunday)


def test_a_link_to_itself_is_no_export(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(Fault, match="no such export"):
        audit.run(link)


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


@pytest.mark.parametrize("command", ["balance", "profile"])
@pytest.mark.parametrize(
    ("name", "said"), [("there.csv", "the file is there already"), ("no/x.csv", "no such folder")]
)
def test_command_that_cannot_write_does_not_begin(
    command: str, name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there.csv").write_text("mine\n", "utf-8")
    with pytest.raises(SystemExit) as left:
        main.main([command, str(EXPORT), "--out", str(tmp_path / name)])
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith(f"settle: {said} in {tmp_path}")
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["mine\n"]


@pytest.mark.parametrize("command", ["audit --runs", "simulate --out"])
def test_a_file_where_a_folder_is_to_be_is_called_so(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was the system's `File exists`, with the advice to look at the disk's free space."""
    (tmp_path / "there").write_text("mine\n", "utf-8")
    name, option = command.split()
    of = [] if name == "simulate" else [str(EXPORT), "--profile", "rails"]
    with pytest.raises(SystemExit) as left:
        main.main([name, *of, option, str(tmp_path / "there" / "x")])
    assert left.value.code == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"settle: not a folder in {tmp_path / 'there' / 'x'}: found a file")


def write_half(out: Path) -> None:
    with staging.new_file(out) as made:
        made.write_text("half of it", "utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    out = tmp_path / "owed.csv"
    with pytest.raises(Fault, match="No space left"):
        write_half(out)
    assert list(tmp_path.iterdir()) == []
    with staging.new_file(out) as made:
        made.write_text("all of it", "utf-8")
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["all of it"]


@pytest.mark.parametrize("export", [2026, None, ["a", "b"]])
def test_an_export_that_is_no_text_is_called_so(export: object) -> None:
    """Papermill takes `-p export 2026` for a number: that was a traceback."""
    with pytest.raises(Fault, match="wrong type in parameter export: expected text, found "):
        audit.run(export)  # type: ignore[arg-type]
