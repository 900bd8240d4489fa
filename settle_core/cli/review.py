"""Commands that read a run folder for those who act on it: its findings, and what an alert says."""

import difflib
import json
from collections.abc import Collection
from pathlib import Path

import click

from settle_core import contract
from settle_core.cli import terminal
from settle_core.errors import Fault


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--status", type=click.Choice(contract.STATUSES), help="Only findings of this one.")
@click.option("--rule", default="", help="Only findings of this rule.")
@click.option("--account", default="", help="Only findings of this account.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, all columns.")
def findings(run: Path, status: str | None, rule: str, account: str, *, as_json: bool) -> int:
    """List the findings of a RUN folder as a table.

    They stand in the order of findings.csv.

    \b
    Example:
      settle findings runs/20261123T101500Z-sidekiq_cached
      settle findings runs/20261123T101500Z-sidekiq_cached --status masked --account 35
    """
    from settle_core.audit import explain, listing  # noqa: PLC0415  slow to import

    every = explain.findings(run)
    rule = _known(rule, {each.rule for each in every})
    wanted = {"status": status or "", "rule": rule, "account_id": account}
    found = [
        each
        for each in every
        if all(not value or getattr(each, name) == value for name, value in wanted.items())
    ]
    if as_json:
        click.echo(json.dumps([listing.as_dict(each) for each in found], indent=2))
        return 0
    for line in listing.table(found, terminal.width(), terminal.painted):
        click.echo(line)
    return 0


def _known(rule: str, found: Collection[str]) -> str:
    """A rule as it is called, also if it is written as the table does. Raises Fault.

    Of a rule that there is not, it would be said that nothing was found.
    """
    from settle_core.rules.rule import catalogue  # noqa: PLC0415  slow to import

    name = rule.strip().lower().replace(" ", "_")
    names = {each.name for each in catalogue()} | set(found)
    if not name or name in names:
        return name
    near = difflib.get_close_matches(name, sorted(names), 1)
    raise Fault(
        "no such rule",
        where="--rule",
        expected=f"perhaps {near[0]}" if near else "a name that settle rules lists",
        found=repr(rule),
        todo="settle rules lists them",
    )


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="Plain text for a mail or a chat, Markdown for a pull request or a CI job's summary.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def alert(run: Path, form: str, *, as_json: bool) -> int:
    """Say what a RUN folder comes to, for an alert or a CI summary.

    \b
    Example:
      settle alert runs/20261123T101500Z-sidekiq_cached
      settle alert runs/20261123T101500Z-sidekiq_cached --format markdown >> "$GITHUB_STEP_SUMMARY"
    """
    from settle_core.audit import alert  # noqa: PLC0415

    told = alert.of(run)
    if as_json:
        click.echo(json.dumps(told.as_dict(), indent=2))
        return 0
    click.echo("\n".join(told.markdown() if form == "markdown" else told.text()))
    return 0
