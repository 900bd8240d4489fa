"""The command `settle`.

Exit codes: 0 reconciled or only pending, 1 findings, 2 a fault or incomplete.
"""

import json
import os
import secrets
import shutil
import sys
import textwrap
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from settle_core import contract, notebook
from settle_core.audit import run_folder
from settle_core.cli import commands, review
from settle_core.contract import Finding
from settle_core.errors import Fault

BIGGEST: Final = 5
COLOURS: Final = {
    "incomplete": "magenta",
    "broken": "red",
    "masked": "yellow",
    "pending": "blue",
    "reconciled": "green",
}


CRASHED: Final = 3  # a bug, which must look like neither a result nor a fault


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `settle`; a Fault is one line on stderr and exit code 2."""
    try:
        code = settle.main(arguments, prog_name="settle", standalone_mode=False)
    except Fault as fault:
        click.echo(f"settle: {fault}", err=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = 2
    except click.Abort:
        code = 130
    except Exception:  # noqa: BLE001  Python would exit with 1, which means findings
        traceback.print_exc()
        code = CRASHED
    sys.exit(code)


@click.group()
@click.version_option(package_name="settle-core")
def settle() -> None:
    """Prove for each settled week that it kept its amount, or name every entry that broke it."""


@settle.command()
@click.argument("export")
@click.option(
    "--profile", default="", help="rails, canonical or a TOML file; default: the one that fits."
)
@click.option("--weeks", default="", metavar="FROM:TO", help="Weeks to audit; default: all.")
@click.option(
    "--as-of", default="", metavar="T", help="State at this instant; default: the last one."
)
@click.option("--previous", default="", metavar="EXPORT", help="An earlier export to compare with.")
@click.option("--dispositions", default="", metavar="FILE", help="TOML file of accepted findings.")
@click.option(
    "--series",
    default="",
    metavar="NAME",
    help="Name under which runs are compared with the one before; default: the export's path and"
    " profile. Dated folders are one series under one name.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["any", "new"]),
    default="any",
    show_default=True,
    help="Exit 1 for any finding, or only for those that the run before did not have.",
)
@click.option("--runs", default="runs", metavar="DIR", help="Where the run folder goes.")
@click.option(
    "--log",
    "logs",
    multiple=True,
    metavar="FILE ...",
    help="Logs of workers or of the database, as evidence for causes.",
)
@click.option(
    "--log-prefix", default="", metavar="P", help="log_line_prefix of PostgreSQL's plain text log."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.argument("more_logs", nargs=-1, metavar="")
def audit(  # noqa: PLR0913, PLR0917  one parameter per option
    export: str,
    profile: str,
    weeks: str,
    as_of: str,
    previous: str,
    dispositions: str,
    series: str,
    fail_on: str,
    runs: str,
    logs: tuple[str, ...],
    log_prefix: str,
    more_logs: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Audit EXPORT, a folder of exported files, and write a run folder.

    \b
    Example:
      settle audit data/rails/sidekiq_cached --profile rails
      settle audit exports/2026-11 --profile ours.toml --weeks 2026-08-03:2026-10-19
      settle audit exports/2026-11 --dispositions accepted.toml
      settle audit exports/2026-11 --series shop --fail-on new
      settle audit exports/2026-11 --log production.log.1.gz production.log sidekiq.log

    The run folder holds the report, the workpaper, the findings and their evidence. Its path is the
    last line printed.
    """
    from settle_core.audit import explain, workbook  # noqa: PLC0415  slow to import
    from settle_core.report import settled_weeks, templates  # noqa: PLC0415

    runs_folder = Path(runs)
    runs_folder.mkdir(parents=True, exist_ok=True)
    staging = runs_folder / f".part-{os.getpid()}-{secrets.token_hex(4)}"
    staging.mkdir()
    shown = None if as_json else notebook.Shown(sys.stderr)
    try:
        parameters = {
            "export": export,
            "profile": profile,
            "weeks": weeks,
            "as_of": as_of,
            "previous": previous,
            "dispositions": dispositions,
            "series": series,
        } | _log_parameters(logs, more_logs, log_prefix)
        output = staging / "workpaper.ipynb"
        own = {"run_dir": str(staging)}
        with templates.template("settled_weeks") as template:
            notebook.run(template, output, parameters, own=own, shown=shown)
        if shown:
            shown.write("writing the report")
        settled_weeks.page(output, staging / "report.html", f"Audit of {export}")
        manifest = run_folder.read(staging)
        run_folder.write(staging, manifest)
        run = _settle_in(staging, runs_folder, Path(export).name)
    finally:
        if shown:
            shown.end()
        shutil.rmtree(staging, ignore_errors=True)
    _print_audit(run, manifest, as_json=as_json)
    if not (run / workbook.FILE).is_file():
        click.echo(f"no {workbook.FILE}: that needs {workbook.INSTALL}", err=True)
    if manifest["verdict"] == "incomplete":
        from settle_core.audit import summary as shortfall  # noqa: PLC0415

        click.echo(f"settle: {shortfall.line(run, manifest)}", err=True)
    return _exit_code(manifest, fail_on, explain.findings(run))


def _exit_code(manifest: dict[str, Any], fail_on: str, findings: Sequence[Finding]) -> int:
    """The verdict's; with `--fail-on new`, findings that the run before had do not count."""
    from settle_core.audit import finding  # noqa: PLC0415

    code = contract.EXIT_CODES[manifest["verdict"]]
    before = manifest["previous_run"]
    if code != 1 or fail_on == "any" or before is None:
        return code
    is_new = set(before["new"])
    return contract.EXIT_CODES[
        finding.verdict([f for f in findings if f.finding_id in is_new], is_complete=True)
    ]


def _log_parameters(
    logs: tuple[str, ...], more: tuple[str, ...], log_prefix: str
) -> dict[str, str]:
    """The parameters that name the logs; none without `--log`, after which several may stand."""
    if more and not logs:
        raise click.UsageError(f"Got unexpected extra argument ({more[0]})")
    if not logs:
        return {}
    return {"log": "\n".join((*logs, *more)), "log_prefix": log_prefix}


def _settle_in(staging: Path, runs: Path, name: str) -> Path:
    """Give the finished folder its name: instant and export, with a number where that is taken."""
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}"
    for number in range(1, 1000):
        run = runs / (stem if number == 1 else f"{stem}-{number}")
        try:
            staging.rename(run)
        except OSError:
            continue
        return run
    raise Fault("no free name for the run folder", where=str(runs), found=stem)


def _print_audit(run: Path, manifest: dict[str, Any], *, as_json: bool) -> None:
    from settle_core.audit import explain  # noqa: PLC0415

    findings = explain.findings(run)
    if as_json:
        counts = manifest["counts"]
        summary = {"run": str(run), "verdict": manifest["verdict"], "counts": counts}
        click.echo(json.dumps(summary, indent=2))
        return
    for line in explain.summary(manifest, findings, BIGGEST):
        click.echo(_shown(line, manifest["verdict"]))
    click.echo(f"report: {run / 'report.html'}")
    click.echo(str(run))


def _shown(line: str, verdict: str) -> str:
    """A line as a terminal shows it: wrapped at its width, the verdict in its colour."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size((100, 24)).columns
    indent = " " * (len(line) - len(line.lstrip()))
    wrapped = textwrap.fill(line, width, subsequent_indent=indent) if line else line
    if "NO_COLOR" in os.environ or not line.startswith(verdict):
        return wrapped
    return click.style(verdict, fg=COLOURS[verdict], bold=True) + wrapped[len(verdict) :]


@settle.command()
@click.option("--json", "as_json", is_flag=True, help="Print the catalogue as JSON.")
def rules(*, as_json: bool) -> int:
    """List the rules: what each one demands, how severe a break is and what it examines.

    \b
    Example:
      settle rules
    """
    from settle_core.rules import rule  # noqa: PLC0415

    catalogue = rule.catalogue()
    if as_json:
        keys = (
            "name",
            "title",
            "severity",
            "breaks",
            "population",
            "reads",
            "since",
            "params",
            "text",
        )
        click.echo(json.dumps([{k: getattr(r, k) for k in keys} for r in catalogue], indent=2))
        return 0
    width = max(len(r.name) for r in catalogue)
    for each in catalogue:
        click.echo(f"{each.name:<{width}}  {each.severity:<6}  {each.title}")
    return 0


@settle.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("finding")
@click.option("--json", "as_json", is_flag=True, help="Print the finding and its walk as JSON.")
def explain(run: Path, finding: str, *, as_json: bool) -> int:
    """Tell one FINDING of a RUN folder step by step, with the walk of its day.

    FINDING is a finding_id, or enough of its beginning to be the only one.

    \b
    Example:
      settle explain runs/20261123T101500Z-sidekiq_cached 4f1c
    """
    from settle_core.audit import explain  # noqa: PLC0415

    told = explain.explain(run, finding)
    click.echo(json.dumps(told.as_dict(), indent=2) if as_json else "\n".join(told.lines()))
    return 0


for each in (
    commands.accept,
    review.alert,
    review.findings,
    commands.balance,
    commands.correct,
    commands.compare,
    commands.lab,
    commands.profile,
    commands.pull,
    commands.simulate,
):
    settle.add_command(each)
