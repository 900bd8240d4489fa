"""The command `settle`.

Exit codes: 0 reconciled or only pending, 1 findings, 2 a fault or incomplete.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from settle_core import contract, formats
from settle_core.cli import archiving, commands, evidence, review, running, terminal
from settle_core.errors import Fault


class _Stopped(SystemExit):
    """The system asked the command to end, as a scheduler does; asyncio lets no other through."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `settle`; a Fault is one line on stderr and exit code 2."""
    _open_streams()
    terminal.spell_out()
    _stop_when_told()
    try:
        code = _carried_out(arguments)
    except _Stopped:
        # One signal is enough: the next must not end what clears up.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        code = _say_stopped(signal.SIGTERM)
    except Exception as error:  # noqa: BLE001  Python would exit with 1, which means findings
        code = terminal.say_ended(error)
    if code and sys.stdout is not None:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
    sys.exit(code)


def _carried_out(arguments: Sequence[str] | None) -> int:
    try:
        code: int = settle.main(arguments, prog_name="settle", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = 2
    except click.Abort:
        code = _say_stopped(signal.SIGINT)
    except (BrokenPipeError, SystemExit) as ended:
        # click ends with 1, which means findings, where nobody reads on.
        if isinstance(ended, SystemExit) and ended.code != 1:
            raise
        sys.stdout = None
        raise Fault("stdout was closed before all was said", todo="read it to its end") from ended
    return code


def _say_stopped(by: signal.Signals) -> int:
    """Say whether a run was written all the same; the exit code, as a shell tells it."""
    written = [str(run) for run in running.NAMED if run.exists()]
    said = f"{', '.join(written)} is written" if written else "no run was written"
    terminal.say(f"settle: stopped by {by.name}; {said}")
    return 128 + by


def _open_streams() -> None:
    """Keep files that are opened later from being taken for stdin, stdout or stderr."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the missing one; the kernel is to have it too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003


def _stop_when_told() -> None:
    """End as by an exception when a scheduler says so, so that what was begun is cleared."""

    def stop(*_: object) -> None:
        if not _is_clearing_up():
            raise _Stopped

    with suppress(ValueError):  # only a program's main thread can
        signal.signal(signal.SIGTERM, stop)


def _is_clearing_up() -> bool:
    """Whether a signal is being obeyed: some schedulers send it to a process and to its group."""
    raised = sys.exception()
    while raised is not None and not isinstance(raised, _Stopped):
        raised = raised.__context__
    return raised is not None


@click.group()
@click.version_option(package_name="settle-core")
def settle() -> None:
    """Prove for each settled week that it kept its amount, or name every entry that broke it."""


@settle.command()
@click.argument("export", type=terminal.EXPORT)
@click.option(
    "--profile",
    default="",
    help="A TOML file, or the name of a built-in one; default: the built-in one that fits.",
)
@click.option(
    "--weeks",
    default="",
    metavar="FROM:TO",
    help="Weeks to tell of, as an audit of all of them does; default: all.",
)
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
@click.option(
    "--runs", default="runs", metavar="DIR", help="Where the run folder goes; default: runs."
)
@click.option(
    "--max-age", default="", metavar="36h", help="An export whose last row is older is incomplete."
)
@click.option(
    "--memory-limit",
    default="",
    metavar="4GiB",
    help="Of all its processes together; default: four fifths of the machine's.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="What reads all rows: spark needs the extra of that name, and Parquet.",
)
@click.option(
    "--spark-master",
    default="",
    metavar="URL",
    help="Of the Spark cluster, as spark://host:7077; default: this machine, local[*].",
)
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
    max_age: str,
    memory_limit: str,
    engine: str,
    spark_master: str,
    logs: tuple[str, ...],
    log_prefix: str,
    more_logs: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Audit EXPORT, a folder of exported files, into a run folder.

    \b
    Example:
      settle audit data/rails/sidekiq_cached --profile rails
      settle audit exports/2026-11 --profile ours.toml --weeks 2026-08-03:2026-10-19
      settle audit exports/2026-11 --dispositions accepted.toml
      settle audit exports/2026-11 --series shop --fail-on new
      settle audit lake/2026-11 --engine spark --spark-master spark://host:7077
      settle audit exports/2026-11 --log production.log.1.gz production.log sidekiq.log

    The run folder holds the report, the workpaper, the findings and their evidence. Its path is the
    last line printed.
    """
    from settle_core.audit import run_folder  # noqa: PLC0415  slow to import

    parameters = {
        "export": export,
        "profile": profile,
        "weeks": weeks,
        "as_of": as_of,
        "previous": previous,
        "dispositions": dispositions,
        "series": series,
        **({"max_age": max_age} if max_age else {}),
    } | _log_parameters(logs, more_logs, log_prefix)
    run, manifest = running.audit(
        export,
        runs,
        parameters,
        memory_limit=memory_limit,
        engine=("" if engine == "duckdb" else engine, spark_master),
        is_shown=not as_json,
    )
    _say_guessed(manifest)
    if "engine" in manifest and manifest["engine"]["did"] != "pass":
        why = manifest["engine"]["did"].removeprefix("none: ")
        terminal.tell(f"Spark gave no pass, it was done on this machine: {why}", err=True)
    _print_audit(run, manifest, as_json=as_json)
    if not (run / run_folder.WORKBOOK).is_file():
        from settle_core.audit import workbook  # noqa: PLC0415  slow to import

        terminal.tell(f"no {workbook.FILE}: that needs {workbook.INSTALL}", err=True)
    if manifest["verdict"] == "incomplete":
        from settle_core.audit import summary  # noqa: PLC0415

        terminal.tell(f"settle: {summary.line(run, manifest)}", err=True)
    return _exit_code(run, manifest, fail_on)


def _say_guessed(manifest: dict[str, Any]) -> None:
    """Of an archive too, which is read by the profile that it was made with."""
    from settle_core.exports.profiles.guesses import Guessed  # noqa: PLC0415  slow to import

    name = manifest["profile"]["name"]
    for guess in (Guessed(**each) for each in manifest["guessed"]):
        if guess.is_kind:
            told = f"{guess.key} = {guess.value}: {guess.why}"
            said = (
                "every finding may be wrong where this guess is; look at it, and take GUESSED away"
            )
            terminal.tell(f"settle: {name}: {told}: {said}", err=True)


def _exit_code(run: Path, manifest: dict[str, Any], fail_on: str) -> int:
    """The verdict's; with `--fail-on new`, findings that the run before had do not count."""
    code = contract.EXIT_CODES[manifest["verdict"]]
    before = manifest["previous_run"]
    if code != 1 or fail_on == "any" or before is None:
        return code
    from settle_core.audit import explain, finding  # noqa: PLC0415  slow to import

    is_new = set(before["new"])
    found = [f for f in explain.findings(run) if f.finding_id in is_new] if is_new else []
    return contract.EXIT_CODES[finding.verdict(found, is_complete=True)]


def _log_parameters(
    logs: tuple[str, ...], more: tuple[str, ...], log_prefix: str
) -> dict[str, str]:
    """The parameters that name the logs; none without `--log`, after which several may stand."""
    if more and not logs:
        raise click.UsageError(f"Got unexpected extra argument ({more[0]})")
    if log_prefix and not logs:
        raise click.UsageError("--log-prefix is for --log")
    if not logs:
        return {}
    from settle_core.logs import files  # noqa: PLC0415  slow to import

    prefix = [files.prefix_line(log_prefix)] if log_prefix else []
    return {"log": "\n".join((*logs, *more, *prefix))}


def _print_audit(run: Path, manifest: dict[str, Any], *, as_json: bool) -> None:
    from settle_core.audit import outcome, run_folder  # noqa: PLC0415

    if as_json:
        counts = manifest["counts"]
        summary = {"run": str(run), "verdict": manifest["verdict"], "counts": counts}
        click.echo(json.dumps(summary, indent=2))
        return
    biggest = outcome.biggest(run_folder.figures(run))
    for line in outcome.told(manifest, biggest):
        click.echo(_shown(line, manifest["verdict"]))
    terminal.tell(f"report: {run / 'report.html'}")
    click.echo(str(run))


def _shown(line: str, verdict: str) -> str:
    """A line as a terminal shows it: wrapped at its width, the verdict in its colour."""
    shown = terminal.wrapped(line)
    return terminal.painted(verdict) + shown[len(verdict) :] if line.startswith(verdict) else shown


@settle.command()
@click.option("--json", "as_json", is_flag=True, help="Print the catalogue as JSON.")
def rules(*, as_json: bool) -> int:
    """List the rules: what each demands, and how severe a break is.

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
        terminal.tell(f"{each.name:<{width}}  {each.severity:<6}  {each.title}")
    return 0


@settle.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("finding")
@click.option("--json", "as_json", is_flag=True, help="Print the finding and its walk as JSON.")
def explain(run: Path, finding: str, *, as_json: bool) -> int:
    """Tell one FINDING of a RUN folder, with the walk of its day.

    FINDING is a finding_id, or enough of its beginning to be the only one.

    \b
    Example:
      settle explain runs/20261123T101500Z-sidekiq_cached 4f1c
    """
    from settle_core.audit import explain  # noqa: PLC0415

    told = explain.explain(run, finding)
    if as_json:
        click.echo(json.dumps(told.as_dict(), indent=2))
        return 0
    for line in told.lines():
        is_said = explain.is_said(line)
        click.echo(terminal.wrapped(line, explain.LABEL) if is_said else formats.clean(line))
    return 0


for each in (
    commands.accept,
    archiving.archive,
    review.alert,
    review.findings,
    commands.balance,
    commands.correct,
    commands.compare,
    commands.lab,
    commands.profile,
    commands.pull,
    commands.simulate,
    evidence.seal,
    evidence.verify,
):
    settle.add_command(each)
