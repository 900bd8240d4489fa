"""The SQL pipeline with its replay, and the oracle in plain Python, on the same random ledgers.

`make simulate` runs it on ten thousand of them.
"""

import argparse
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import count, cycle, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ledgers import Ledger, drawn, packed, random_ledgers, write_export
from oracle import expected_findings
from oracle_again import second_answers
from oracle_compare import Found, compare, read_found

from settle_core.audit import audit, finding
from settle_core.exports.profiles import profile as profiles

WAYS: Final = tuple(product(("sum", "delta"), ("day", "week")))
IN_ONE_EXPORT: Final = 250
WAITING: Final = {"uncountered_entry", "answered_elsewhere"}
PROFILE: Final = """
clock.skew_seconds = {skew}
clock.grace_minutes = {grace}
balancing.policy = "{policy}"
balancing.level = "{level}"
settlements.agreement = "any"
"""


def told(f: Found) -> Found:
    """As the oracle tells it, which expects nothing of an uncountered entry."""
    return f._replace(expected=0) if f.expected == -f.amount and f.effect == f.amount else f


def differences(ledger: Ledger) -> list[str]:
    """Where the audit of a written export does not name what the oracle expects."""
    how = ledger.settings
    with TemporaryDirectory() as name:
        folder = write_export(ledger, Path(name) / "export")
        profile = Path(name) / "profile.toml"
        text = PROFILE.format(
            skew=how.skew.total_seconds(),
            grace=how.grace.total_seconds() / 60,
            policy=how.policy,
            level=how.level,
        )
        profile.write_text(text, "utf-8")
        profiles.load(str(profile))
        as_of = how.as_of.isoformat() if how.as_of else ""
        result = audit.run(folder, str(profile), as_of=as_of)
        if result.open_cents:
            return [f"open cents: {each}" for each in result.open_cents]
        finding.write_csv(Path(name) / "findings.csv", result.findings)
        again = {
            f.entry_id
            for f in result.findings
            if f.rule == "misplaced_counter" and "countered twice" in f.explanation
        }
        every = [told(f) for f in read_found(Path(name) / "findings.csv")]
    found = [f for f in every if f.entry_id not in again]
    ids = {
        is_entry: {f.entry_id for f in found if f.rule in rules}
        for is_entry, rules in ((True, WAITING), (False, {"misplaced_counter"}))
    }
    weeks = expected_findings(ledger.rows, ledger.settlements, ledger.settings)
    expected = second_answers(ledger.rows, ledger.settlements, how, ids[True], ids[False])
    return compare(found, weeks) + [
        f"second answer {each}: {'' if each in again else 'not '}told"
        for each in sorted(again ^ expected)
    ]


def told_how(ledger: Ledger, policy: str, level: str) -> Ledger:
    """The ledger with its way of balancing given: on a chaotic one it cannot be inferred."""
    return ledger._replace(settings=ledger.settings._replace(policy=policy, level=level))


DRAW: Final = """
import pickle, sys
from ledgers import drawn
from {module} import {strategy}
pickle.dump(drawn({strategy}(), {count}), sys.stdout.buffer)
"""


def drawn_alike(module: str, strategy: str, count: int) -> list[Ledger]:
    """Ledgers of a strategy, the same in each run.

    Hypothesis draws what constants it finds in imported modules: so none but a few are, elsewhere.
    """
    given = [sys.executable, "-c", DRAW.format(module=module, strategy=strategy, count=count)]
    told = subprocess.run(given, cwd=Path(__file__).parent, check=True, capture_output=True)
    ledgers: list[Ledger] = pickle.loads(told.stdout)  # noqa: S301 - written just now
    return ledgers


def packs(ledgers: Sequence[Ledger]) -> Iterator[list[Ledger]]:
    """As many as go into one export: alike in whether their ids are numbers."""
    for are_numbers in (True, False):
        alike = [each for each in ledgers if each.settings.ids_are_sequence == are_numbers]
        for first in range(0, len(alike), IN_ONE_EXPORT):
            yield alike[first : first + IN_ONE_EXPORT]


def main(arguments: list[str] | None = None) -> int:
    """Compare so many ledgers; 1 if anything is told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledgers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first thousand; then the next")
    parser.add_argument("--show", type=int, default=3, help="differences of each export")
    asked = parser.parse_args(arguments)
    compared = differing = 0
    ways = cycle(WAYS)
    seeds = count(asked.seed)
    while compared < asked.ledgers:
        for pack in packs(
            drawn(random_ledgers(), min(asked.ledgers, 4 * IN_ONE_EXPORT), next(seeds))
        ):
            policy, level = next(ways)
            found = differences(told_how(packed(pack), policy, level))
            weeks = {difference.split(":")[0] for difference in found}
            compared, differing = compared + len(pack), differing + len(weeks)
            for difference in found[: asked.show]:
                sys.stdout.write(f"{policy}, {level}: {difference[:600]}\n")
            sys.stdout.write(f"{compared} random ledgers, {differing} weeks told otherwise\n")
            sys.stdout.flush()
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
