"""The examples of a schedule can be read by what reads them, and say what the command does."""

import ast
import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from shutil import which

import pytest
import yaml
from click import Command

from settle_core.cli import main

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks" / "docs" / "schedule"
AUDIT: Command = main.settle.commands["audit"]
# The command of an Airflow: it has a Python of its own, none of this project.
AIRFLOW = os.environ.get("SETTLE_AIRFLOW") or which("airflow") or ""


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((FOLDER / name).read_text("utf-8"))
    return parser


def arguments(line: str) -> list[str]:
    """What is given to `settle audit` in a line, up to the first sign of the shell."""
    (found,) = re.findall(r"settle audit ((?:[\w./-]+ ?)+)", line)
    return str(found).split()


@pytest.mark.parametrize("name", ["crontab", "settle-audit.service", "workflow.yml"])
def test_command_of_an_example_is_one_that_is_understood(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    context = AUDIT.make_context("audit", arguments(text))
    assert context.params["runs"].endswith("runs")


def test_crontab_has_five_fields_and_a_command() -> None:
    lines = (FOLDER / "crontab").read_text("utf-8").splitlines()
    (job,) = [line for line in lines if not re.match(r"#|\w+=", line)]
    assert re.match(r"(?:[\d*/,-]+ ){5}cd \S+ && ", job)
    assert "%" not in job


def test_systemd_units_name_each_other() -> None:
    service, timer = unit("settle-audit.service"), unit("settle-audit.timer")
    assert service["Service"]["Type"] == "oneshot"
    assert "SuccessExitStatus" not in service["Service"]
    template = service["Unit"]["OnFailure"].partition("@")[0]
    assert unit(f"{template}@.service")["Service"]["ExecStart"]
    assert timer["Timer"]["OnCalendar"]
    assert timer["Timer"]["Persistent"] == "true"


def test_workflow_keeps_the_run_whatever_came_of_it() -> None:
    workflow = yaml.safe_load((FOLDER / "workflow.yml").read_text("utf-8"))
    assert workflow[True]["schedule"] == [{"cron": "15 3 * * *"}]  # YAML reads `on` as true
    steps = workflow["jobs"]["audit"]["steps"]
    assert next(s["run"] for s in steps if "run" in s) == "make .venv/run.stamp"
    assert steps[-1]["if"] == "always()"
    assert "continue-on-error" not in str(workflow)


def dag_command(settle: str, export: str, runs: str) -> str:
    """What the DAG's task runs, with other places put in."""
    text = (FOLDER / "airflow_dag.py").read_text("utf-8")
    names: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = eval(compile(ast.Expression(node.value), "dag", "eval"), dict(names))  # noqa: S307
            names[node.targets[0].id] = value
    (operator,) = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.keyword) and node.arg == "bash_command"
    ]
    command = str(eval(compile(ast.Expression(operator.value), "dag", "eval"), dict(names)))  # noqa: S307
    for there, here in ((names["SETTLE"], settle), ("/srv/exports/today", export)):
        command = command.replace(there, here)
    return command.replace("/srv/runs", runs).replace(" --profile rails", "")


@pytest.mark.parametrize(("export", "code"), [("data/sample", 1), ("data/nowhere", 2)])
def test_task_of_the_dag_ends_as_the_audit_and_says_what_an_alert_says(
    export: str, code: int, tmp_path: Path
) -> None:
    settle = str(Path(sys.executable).with_name("settle"))
    ran = subprocess.run(
        ["bash", "-c", dag_command(settle, export, str(tmp_path))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert ("settle: broken" in ran.stdout) is (code == 1)


@pytest.mark.skipif(not AIRFLOW, reason="no airflow (SETTLE_AIRFLOW): the DAG is parsed, not run")
@pytest.mark.parametrize(("export", "code"), [("data/sample", 1), ("data/rails/console", 0)])
def test_dag_runs_and_fails_as_the_audit_does(export: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    text = (FOLDER / "airflow_dag.py").read_text("utf-8")
    settle = str(Path(sys.executable).with_name("settle"))
    profile = "" if export == "data/sample" else " --profile rails"
    places = {"/srv/settle-core/.venv/bin/settle": settle, " --profile rails": profile}
    places |= {"/srv/exports/today": str(ROOT / export), "/srv/runs": str(tmp_path / "runs")}
    for there, here in places.items():
        text = text.replace(there, here)
    (tmp_path / "dags" / "dag.py").write_text(text, "utf-8")
    own = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    own |= {"AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "dags")}
    for words in (["db", "migrate"], ["dags", "test", "settle_audit"]):
        ran = subprocess.run(
            [AIRFLOW, *words],
            env=os.environ | own,
            capture_output=True,
            text=True,
            check=False,
        )
    said = ran.stdout + ran.stderr
    assert ran.returncode == code, said
    assert f"Command exited with return code {code}" in said
    assert ("settle: broken" in said) is (code == 1)
    assert len(list((tmp_path / "runs").glob("*/report.html"))) == 1


@pytest.mark.skipif(not which("systemd-analyze"), reason="no systemd: the units are parsed only")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for file in [*FOLDER.glob("*.service"), *FOLDER.glob("*.timer")]:
        text = file.read_text("utf-8").replace("/srv/settle-core/.venv/bin/settle", sys.executable)
        (tmp_path / file.name).write_text(text, "utf-8")
    units = [tmp_path / "settle-audit.service", tmp_path / "settle-audit.timer"]
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("code", [1, 2, 3])
def test_alert_tells_the_codes_apart_and_keeps_them(code: int, tmp_path: Path) -> None:
    (tmp_path / "20261123T101500Z-x").mkdir()
    (tmp_path / "20261123T101500Z-x" / "summary.json").write_text("{}", "utf-8")
    assert os.access(FOLDER / "alert", os.X_OK)
    told = subprocess.run(
        [FOLDER / "alert", str(code), tmp_path], capture_output=True, text=True, check=False
    )
    assert told.returncode == code
    word = {1: "summary.json", 2: "incomplete", 3: "crashed"}[code]
    assert word in told.stdout
