"""Commands that read a run folder for those who act on it: its findings, and what an alert says."""

import json
from pathlib import Path

import click

from settle_core import contract
from settle_core.cli import terminal


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--status", type=click.Choice(contract.STATUSES), help="Only findings of this one.")
@click.option("--rule", default="", help="Only findings of this rule.")
@click.option("--account", default="", help="Only findings of this account.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, all columns.")
def findings(run: Path, status: str | None, rule: str, account: str, *, as_json: bool) -> int:
    """List the findings of a RUN folder as a table, in the order of findings.csv.

    \b
    Example:
      settle findings runs/20261123T101500Z-sidekiq_cached
      settle findings runs/20261123T101500Z-sidekiq_cached --status open --account 35
    """
    from settle_core.audit import explain, listing  # noqa: PLC0415  slow to import

    wanted = {"status": status or "", "rule": rule, "account_id": account}
    found = [
        each
        for each in explain.findings(run)
        if all(not value or getattr(each, name) == value for name, value in wanted.items())
    ]
    if as_json:
        click.echo(json.dumps([listing.as_dict(each) for each in found], indent=2))
        return 0
    for line in listing.table(found, terminal.width(), terminal.painted):
        click.echo(line)
    return 0


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
def alert(run: Path, form: str) -> int:
    """Say what a RUN folder comes to, as an alert or a CI summary says it.

    \b
    Example:
      settle alert runs/20261123T101500Z-sidekiq_cached
      settle alert runs/20261123T101500Z-sidekiq_cached --format markdown >> "$GITHUB_STEP_SUMMARY"
    """
    from settle_core.audit import alert  # noqa: PLC0415

    told = alert.of(run)
    click.echo("\n".join(told.markdown() if form == "markdown" else told.text()))
    return 0
