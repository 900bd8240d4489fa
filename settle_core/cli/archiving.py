"""The command that keeps exports by week, with files that are only ever added."""

import json

import click

from settle_core import formats
from settle_core.cli import terminal


@click.command()
@click.argument("export", type=terminal.EXPORT)
@click.option("--into", required=True, metavar="DIR", help="The archive; made if it is not there.")
@click.option("--profile", default="", help="As for audit.")
@click.option(
    "--weeks",
    default="",
    metavar="FROM:TO",
    help="Take only these weeks, for which EXPORT is whole; the archive's others stay.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of it as JSON.")
def archive(export: str, into: str, profile: str, weeks: str, *, as_json: bool) -> int:
    """Add EXPORT to an archive by settled week.

    Files are only ever added. The archive is an export for every other command, read by the profile
    it was made with. A week that did not change is neither written nor passed over again. A week
    that changed has a new part beside the old one, and each version stays readable:
    DIR/versions/0001.json is an export too.

    \b
    Example:
      settle archive exports/2026-11-23 --into ledger --profile ours.toml
      settle audit ledger
      settle archive exports/this-week --into ledger --profile ours.toml --weeks 2026-11-16:
      settle compare ledger/versions/0001.json ledger
    """
    from settle_core.exports.archive import adding  # noqa: PLC0415  (help texts stay fast)
    from settle_core.exports.draft import fitting_profile  # noqa: PLC0415  (help texts stay fast)

    told = adding.add(export, into, fitting_profile.profile_of(export, profile), weeks)
    if as_json:
        click.echo(json.dumps(told._asdict(), indent=2))
        return 0
    count = formats.count
    terminal.tell(
        f"{count(told.weeks, 'week')}, {count(told.entries, 'entry', 'entries')}, "
        f"{count(told.settlements, 'settlement')}: {count(told.added, 'part')} written, "
        f"{count(told.kept)} as they were"
    )
    if told.left_out:
        terminal.tell(f"{count(told.left_out, 'row')} of other weeks left out")
    if told.gone:
        terminal.tell(
            f"{count(told.gone, 'week')} of the version before not in this export; "
            "the parts are kept"
        )
    if told.passes < told.weeks:
        terminal.tell("an audit reads every row again: they are not plain enough for the pass")
    same = "" if told.is_new else ", nothing changed"
    terminal.tell(f"{told.archive}: version {told.version}{same}")
    return 0
