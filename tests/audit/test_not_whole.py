"""What needs all of an export takes no part of one: rows rejected, or a control total off."""

import shutil
from pathlib import Path

import pytest

from settle_core.audit import audit
from settle_core.cli import main
from settle_core.errors import Fault
from settle_core.exports.files import control_totals
from settle_core.exports.files.control_totals import Exported

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"


def exit_code(words: list[str]) -> int:
    """What `settle` ends with."""
    with pytest.raises(SystemExit) as ended:
        main.main(words)
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three exports: `whole`; `short`, from which a row was lost; `torn`, with a rejected one."""
    folder = tmp_path_factory.mktemp("exports")
    whole = Path(shutil.copytree(SAMPLE, folder / "whole"))
    (whole / "expected_findings.csv").unlink()
    header, *rows = (whole / "entries.csv").read_text("utf-8").splitlines(keepends=True)
    columns = dict.fromkeys(header.strip().split(","), "VARCHAR")
    exported = Exported("entries.csv", columns, "entry_id", "amount")
    control_totals.record(whole, {}, [(exported, control_totals.totals(whole, exported))])
    short = Path(shutil.copytree(whole, folder / "short"))
    (short / "entries.csv").write_text("".join([header, *rows[:-1]]), "utf-8")
    torn = Path(shutil.copytree(whole, folder / "torn"))
    (torn / "control.json").unlink()
    (torn / "entries.csv").write_text("".join([header, *rows, "torn,row\n"]), "utf-8")
    return folder


COMMANDS = (
    "balance {part} --out {out}/owed.csv",
    "compare {part} {whole}",
    "compare {whole} {part}",
    "archive {part} --into {out}/archive",
    "simulate --power {part}",
)


@pytest.mark.parametrize(
    ("command", "part"),
    [
        *((command, "short") for command in (*COMMANDS, "profile {part}")),
        *((command, "torn") for command in COMMANDS),
    ],
)
def test_nothing_is_made_of_a_part_of_an_export(
    command: str, part: str, exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"part": exports / part, "whole": exports / "whole", "out": tmp_path}
    assert exit_code([word.format(**names) for word in command.split()]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "a control total" in said if part == "short" else "rejected" in said
    assert not [each for each in tmp_path.iterdir() if not each.name.startswith(".")]


@pytest.mark.parametrize("part", ["short", "torn"])
def test_an_earlier_export_is_whole(part: str, exports: Path) -> None:
    with pytest.raises(Fault, match=r"a control total is off|rows rejected"):
        audit.run(exports / "whole", previous=str(exports / part))


def test_an_audit_of_a_part_is_incomplete(exports: Path) -> None:
    run = audit.run(exports / "short")
    assert run.verdict == "incomplete"
    assert {each.total for each in run.off_totals} >= {"rows"}


def test_the_whole_one_is_taken(exports: Path, tmp_path: Path) -> None:
    out = tmp_path / "owed.csv"
    assert exit_code(["balance", str(exports / "whole"), "--out", str(out)]) == 0
    assert exit_code(["compare", *[str(exports / "whole")] * 2]) == 0
    assert out.is_file()
