"""The command `settle audit`: its options, and what it prints and exits with."""

import json
from pathlib import Path
from typing import Any

import click

from settle_core import contract
from settle_core.cli import running, terminal


@click.command()
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
    help="Weeks to tell of, by their first days, as an audit of all does; default: all.",
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
    from settle_core.logs.scanned import files  # noqa: PLC0415  slow to import

    prefix = [files.prefix_line(log_prefix)] if log_prefix else []
    return {"log": "\n".join((*logs, *more, *prefix))}


def _print_audit(run: Path, manifest: dict[str, Any], *, as_json: bool) -> None:
    from settle_core.audit import run_folder, terminal_lines  # noqa: PLC0415

    if as_json:
        counts = manifest["counts"]
        summary = {"run": str(run), "verdict": manifest["verdict"], "counts": counts}
        click.echo(json.dumps(summary, indent=2))
        return
    biggest = terminal_lines.biggest(run_folder.figures(run))
    for line in terminal_lines.told(manifest, biggest):
        click.echo(_shown(line, manifest["verdict"]))
    terminal.tell(f"report: {run / 'report.html'}")
    click.echo(str(run))


def _shown(line: str, verdict: str) -> str:
    """A line as a terminal shows it: wrapped at its width, the verdict in its colour."""
    shown = terminal.wrapped(line)
    return terminal.painted(verdict) + shown[len(verdict) :] if line.startswith(verdict) else shown
