"""Commands for those who review a run: is it as it was written, and who stands for it."""

import json
from pathlib import Path

import click

from settle_core.cli import terminal


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--trusted",
    type=click.Path(path_type=Path),
    metavar="KEY",
    help="The run must be sealed by this key: a file with the public one, PEM.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(run: Path, trusted: Path | None, *, as_json: bool) -> int:
    """Say whether a RUN folder is as written, or name each change.

    Exit 1 if there is any.

    An archive likewise: every file of every version, and the newest one's totals made again.

    Offline: every hash, every row, that all files say the same, that the findings follow from the
    inputs where these are at hand, and the seal. Given a folder of runs, each of them and that none
    is missing between two others. It says in plain words what that does not prove.

    \b
    Example:
      settle verify runs/20261123T101500Z-sidekiq_cached
      settle verify runs --trusted auditor.pem
      settle verify ledger
    """
    from settle_core.audit import archive_check, run_folder  # noqa: PLC0415  (texts stay fast)
    from settle_core.audit import verify as verification  # noqa: PLC0415
    from settle_core.exports.archive import archive  # noqa: PLC0415

    told: tuple[verification.Verified, ...]
    if archive.is_archive(run):
        if trusted:
            raise click.UsageError("--trusted is for a run: an archive has no seal")
        told = (archive_check.run(archive.root(run)),)
    elif (run / run_folder.MANIFEST).exists():
        told = (verification.run(run, trusted),)
    else:
        told = verification.runs(run, trusted)
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in told], indent=2))
    else:
        for each in told:
            terminal.tell(*each.lines())
    return 1 if any(each.differences for each in told) else 0


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--key",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Private key of Ed25519, PEM, without a password.",
)
def seal(run: Path, key: Path) -> int:
    """Seal a RUN folder with an Ed25519 key.

    Others can then see that you stand for it.

    \b
    Example:
      openssl genpkey -algorithm ed25519 -out key.pem
      openssl pkey -in key.pem -pubout -out auditor.pem
      settle seal runs/20261123T101500Z-sidekiq_cached --key key.pem
      settle verify runs/20261123T101500Z-sidekiq_cached --trusted auditor.pem
    """
    from settle_core.audit import seal as seals  # noqa: PLC0415  (help texts stay fast)

    terminal.tell(f"sealed by {seals.write(run, key)}: {run / 'seal.json'}")
    return 0
