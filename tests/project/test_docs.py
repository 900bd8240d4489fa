"""The documentation cannot rot: a changed figure or chart fails it, a stale page is told."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from settle_core.cli import main, reference
from settle_core.exports.profiles import reference as profile_reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "notebooks" / "docs"
PAGE = DOCS / "01_first_audit.ipynb"  # small, with figures and a chart


def test_a_changed_figure_or_chart_fails_the_page(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    head, svg, rest = text.partition('<circle cx=\\"')
    changed = (head + svg + "1" + rest).replace("sum 849.10 EUR", "sum 849.11 EUR")
    cells = [json.loads(each)["cells"] for each in (text, changed)]
    different = [old != new for old, new in zip(*cells, strict=True)]
    assert different.count(True) == 2
    copy = tmp_path / "notebooks" / "docs" / PAGE.name
    copy.parent.mkdir(parents=True)
    copy.write_text(changed, "utf-8")
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample")
    plain = ["-p", "no:cacheprovider", "-c", "/dev/null", "-q"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *plain, "--nbval", "--nbval-current-env", str(copy)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    code = sum(cell["cell_type"] == "code" for cell in cells[0])
    assert f"2 failed, {code - 2} passed" in ran.stdout.splitlines()[-1]


def test_reference_of_the_commands_is_that_of_the_parser() -> None:
    page = DOCS / "commands.md"
    stale = f"stale: python -m settle_core.cli.reference {page.relative_to(ROOT)}"
    assert page.read_text("utf-8") == reference.text(), stale


def test_reference_of_the_profile_is_that_of_the_classes() -> None:
    page = DOCS / "profile_keys.md"
    stale = f"stale: python -m settle_core.cli.reference {page.relative_to(ROOT)}"
    assert page.read_text("utf-8") == profile_reference.text(), stale
    keys = [line for line in page.read_text("utf-8").splitlines() if line.startswith("- `")]
    assert all(len(line.partition("`: ")[2]) > 10 for line in keys), "a key is not described"


def test_what_a_command_does_is_not_cut_in_the_list_of_commands() -> None:
    listed = CliRunner().invoke(main.settle, ["--help"], terminal_width=80).output
    told = listed.partition("Commands:\n")[2].splitlines()
    assert len(told) == len(main.settle.commands)
    assert [line for line in told if not line.endswith(".") or line.endswith("...")] == []


def test_each_command_and_option_is_explained_with_an_example() -> None:
    text = reference.text()
    for name, command in main.settle.commands.items():
        (section,) = [part for part in text.split("\n## ") if part.startswith(f"settle {name}\n")]
        assert "Example:" in section
        options: list[Any] = [each for each in command.params if each.param_type_name == "option"]
        assert all(each.opts[0] in section and each.help for each in options)
