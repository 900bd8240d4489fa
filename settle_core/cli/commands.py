"""Commands beside the audit: what is owed, what would put it right, what changed, what to try."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from settle_core import notebook, staging
from settle_core.cli import terminal
from settle_core.errors import without_passwords

PULL_URL: Final = "SETTLE_PULL_URL"
PORT_MAX: Final = 65535


@click.command()
@click.argument("export", type=terminal.EXPORT)
@click.option("--out", required=True, type=click.Path(path_type=Path), help=".csv or .parquet")
@click.option("--profile", default="", help="As for audit.")
@click.option(
    "--as-of", default="", metavar="T", help="State at this instant; default: the last one."
)
@click.option("--json", "as_json", is_flag=True, help="Print the totals as JSON.")
def balance(export: str, out: Path, profile: str, as_of: str, *, as_json: bool) -> int:
    """Write the counter-entries that EXPORT owes now to a file.

    Nothing is posted.

    \b
    Example:
      settle balance data/rails/console --profile rails --out owed.csv
    """
    from settle_core.audit import owed  # noqa: PLC0415
    from settle_core.exports.draft import fitting_profile  # noqa: PLC0415

    owed.demand_new(out)
    planned = owed.plan(export, fitting_profile.profile_of(export, profile), as_of)
    owed.write(planned, out)
    totals = owed.totals(planned)
    if as_json:
        click.echo(json.dumps([total._asdict() for total in totals], indent=2))
        return 0
    for each in totals:
        terminal.tell(f"counter-entries owed: {each.counters}, {each.total} {each.currency}: {out}")
    if not totals:
        terminal.tell(f"nothing is owed: {out} has no rows")
    return 0


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The CSV file to write."
)
@click.option("--json", "as_json", is_flag=True, help="Print how many there are as JSON.")
def correct(run: Path, out: Path, *, as_json: bool) -> int:
    """Write a RUN folder's proposed corrections as a file to import.

    Nothing is posted. Their kind is `correction`, so that no balancing answers them with a
    counter-entry.

    \b
    Example:
      settle correct runs/20261123T101500Z-sidekiq_cached --out corrections.csv
    """
    from settle_core.audit import correction  # noqa: PLC0415

    count = correction.importable(run, out)
    told = json.dumps({"corrections": count, "out": str(out)}, indent=2)
    click.echo(told if as_json else f"corrections: {count}: {out}")
    return 0


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("finding")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--author", required=True, help="Who accepts it.")
@click.option(
    "--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day it holds."
)
def accept(run: Path, finding: str, reason: str, author: str, expires: datetime) -> int:
    """Print the acceptance of a FINDING, for a file of dispositions.

    FINDING is a finding_id of the RUN folder, or enough of its beginning to be the only one. The
    file is kept in version control and given to `settle audit --dispositions`.

    \b
    Example:
      settle accept runs/20261123T101500Z-sidekiq_cached 4f1c --reason "refunded by hand" \\
        --author "M. Weber" --expires 2026-12-31 >> accepted.toml
    """
    from settle_core.audit import disposition, explain  # noqa: PLC0415

    found = explain.finding(run, finding)
    day = expires.date()
    click.echo(disposition.block(found, reason=reason, author=author, expires=day))
    if day < datetime.now(UTC).date():
        said = f"--expires {day} is past: the finding stays open in audits as of a later day"
        terminal.tell(f"settle: {said}", err=True)
    return 0


@click.command()
@click.argument("old", type=terminal.EXPORT)
@click.argument("new", type=terminal.EXPORT)
@click.option("--profile", default="", help="As for audit.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
def compare(old: str, new: str, profile: str, *, as_json: bool) -> int:
    """Tell what changed in settled weeks between two exports.

    OLD is the earlier one; exit 1 if anything changed.

    \b
    Example:
      settle compare exports/2026-10 exports/2026-11 --profile ours.toml
    """
    from settle_core.exports import history  # noqa: PLC0415 (help texts stay fast)
    from settle_core.exports.draft import fitting_profile  # noqa: PLC0415

    changes, agreement = history.compare(old, new, fitting_profile.profile_of(new, profile))
    for name, line in zip(("OLD", "NEW"), agreement, strict=True):
        terminal.tell(f"{name}: {line}", err=as_json)
    if as_json:
        click.echo(json.dumps([change._asdict() for change in changes], indent=2, default=str))
        return 1 if changes else 0
    for each in changes:
        entry = f" entry {each.entry_id}" if each.entry_id else ""
        terminal.tell(
            f"account {each.account_id}, week {each.week_start}:{entry} {each.change}, "
            f"{each.old_amount} then, {each.new_amount} now, {each.currency}"
        )
    terminal.tell(f"changes in settled weeks: {len(changes)}")
    return 1 if changes else 0


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="A new folder.")
@click.option(
    "--power", metavar="EXPORT", type=terminal.EXPORT, help="Plant faults in a copy of this export."
)
@click.option("--profile", default="", help="With --power: as for audit.")
@click.option("--faults", default="", metavar="NAME=N,...", help="What to plant; default: nothing.")
@click.option("--seed", default=1, help="The same seed gives the same export.")
@click.option("--accounts", default=60, help="How many accounts.")
@click.option("--weeks", default=13, help="How many weeks; the last one is not settled.")
@click.option("--policy", default="sum", help="sum, delta or mixed.")
@click.option("--level", default="day", help="day, week or mixed.")
@click.option("--format", "formats", default="csv", help="csv or parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
def simulate(  # noqa: PLR0913, PLR0917  one parameter per option
    out: Path | None,
    power: str | None,
    profile: str,
    faults: str,
    seed: int,
    accounts: int,
    weeks: int,
    policy: str,
    level: str,
    formats: str,
    *,
    as_json: bool,
) -> int:
    """Write an export with planted faults, and their truth.

    With --power EXPORT: plant every kind of fault in a copy of that export, audit the copy, and
    tell how many the audit finds, on your own amounts and clocks.

    \b
    Example:
      settle simulate --out tried --faults stale_read=3,race=2 --seed 1
      settle simulate --power data/rails/console --profile rails
    """
    from settle_core.simulation import power as trial  # noqa: PLC0415
    from settle_core.simulation import simulate  # noqa: PLC0415

    if (out is None) == (power is None):
        raise click.UsageError("give either --out or --power")
    if power is None:
        _demand_ungiven("profile", of="--power")
    else:
        others = ("faults", "accounts", "weeks", "policy", "level", "formats")
        _demand_ungiven(*others, of="--out")
    if out is None:
        tried = trial.power(power or "", profile, seed=seed)
        click.echo(json.dumps(tried.as_dict(), indent=2) if as_json else "\n".join(tried.lines()))
        return 0
    folder = simulate.simulate(
        out,
        seed=seed,
        accounts=accounts,
        weeks=weeks,
        faults=simulate.parse_faults(faults),
        policy=policy,
        level=level,
        formats=formats,
    )
    click.echo(json.dumps({"out": str(folder)}, indent=2) if as_json else str(folder))
    return 0


def _demand_ungiven(*names: str, of: str) -> None:
    """Raise UsageError for an option that would not be obeyed."""
    context = click.get_current_context()
    for option in context.command.params:
        is_given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if option.name in names and is_given:
            raise click.UsageError(f"{option.opts[0]} is for {of}")


def _leave_process_list(url: str) -> None:
    """Begin again with a password in the environment: anybody may read a process's arguments."""
    if without_passwords(url) != url and url in sys.orig_argv and os.name == "posix":
        arguments = [each for each in sys.orig_argv[1:] if each != url]
        environment = {**os.environ, PULL_URL: url}
        os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606


@click.command()
@click.argument("url", envvar=PULL_URL)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--profile", default="canonical", help="Which tables and columns; as for audit.")
@click.option("--json", "as_json", is_flag=True, help="Print the control totals as JSON.")
def pull(url: str, out: Path, profile: str, *, as_json: bool) -> int:
    """Export from the database at URL, in one read-only snapshot.

    The export has control totals. URL is of PostgreSQL, MySQL, MariaDB or SQLite. The tables are
    called as the profile's files, or as its `pull_from` says, which may also be a view or a query.
    No password is written anywhere, and one that stands in URL is taken out of the list of
    processes; better keep it in ~/.pgpass or ~/.my.cnf, or give the whole URL in the environment as
    SETTLE_PULL_URL.

    \b
    Example:
      settle pull postgresql://reader@db.example/ledger --profile rails --out exports/today
      settle pull mysql://reader@db.example/ledger --profile ours.toml --out exports/today
      settle pull sqlite:///var/lib/app/ledger.db --profile ours.toml --out exports/today
    """
    from settle_core.exports.databases import database  # noqa: PLC0415
    from settle_core.exports.files import control_totals  # noqa: PLC0415
    from settle_core.exports.profiles import profile as profiles  # noqa: PLC0415

    _leave_process_list(url)
    folder = database.pull(url, profiles.load(profile), out)
    if as_json:
        totals = json.loads((folder / control_totals.FILE).read_text("utf-8"))
        click.echo(json.dumps({"out": str(folder), "control": totals}, indent=2))
    else:
        click.echo(str(folder))
    return 0


@click.command()
@click.argument("export", required=False, type=terminal.EXPORT)
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--list", "is_list", is_flag=True, help="List the built-in profiles.")
@click.option("--json", "as_json", is_flag=True, help="Print it, and what is guessed, as JSON.")
def profile(export: str | None, out: Path | None, *, is_list: bool, as_json: bool) -> int:
    """Write a first profile for an unknown EXPORT.

    It says what is sure and what is guessed.

    Each candidate is held against the export's own settlements: none is written by which they do
    not agree. A line marked GUESSED is one that the data did not decide.

    \b
    Example:
      settle profile path/to/export --out ours.toml
      settle profile --list
    """
    if is_list:
        if export is not None or out is not None:
            raise click.UsageError("--list takes neither an EXPORT nor --out")
        from settle_core.exports.draft import fitting_profile  # noqa: PLC0415

        click.echo(
            json.dumps(fitting_profile.listed(), indent=2)
            if as_json
            else "\n".join(fitting_profile.listing())
        )
        return 0
    if export is None:
        raise click.UsageError("give an EXPORT, or --list")
    from settle_core.exports.draft import draft  # noqa: PLC0415

    if out is not None:
        staging.demand_new(out)
    with notebook.shown_on(sys.stderr):
        found = draft.guess(Path(export))
    if out is not None:
        with staging.new_file(out) as made:
            made.write_text(found.text, "utf-8")
    if as_json:
        told = {"profile": found.text, "guessed": found.doubts, "out": str(out or "")}
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(found.text if out is None else str(out))
    _say_guessed(found.doubts)
    return 0


def _say_guessed(doubts: Sequence[str]) -> None:
    """Say on stderr what a first profile guessed; what marks counter-entries decides the rest."""
    if doubts:
        names = ", ".join(doubt.partition(" = ")[0] for doubt in doubts)
        terminal.tell(f"settle: GUESSED, look at them: {names}", err=True)
    for doubt in doubts:
        if doubt.startswith("entries.kinds."):
            terminal.say(f"settle: by a wrong guess here every finding is wrong: {doubt}")


@click.command()
@click.option("--no-browser", is_flag=True, help="Say the address, open no browser.")
@click.option(
    "--port",
    type=click.IntRange(1, PORT_MAX),
    help="Of the server; default: a free one from 8888 on.",
)
def lab(*, no_browser: bool, port: int | None) -> int:
    """Open copies of the audit notebooks in JupyterLab.

    They go to notebooks/audit below this folder. Notebooks that are there already are left as they
    are. Ctrl-C ends it.

    \b
    Example:
      settle lab
      settle lab --no-browser
    """
    from settle_core.cli import lab as server  # noqa: PLC0415  (help texts stay fast)

    return server.serve(Path.cwd(), is_browsed=not no_browser, port=port)
