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

import click

from settle_core import formats
from settle_core.cli import archiving, audit, commands, evidence, review, running, terminal
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
    audit.audit,
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
