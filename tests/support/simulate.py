"""`make simulate`: every kind of simulated system is audited and held to its truth."""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory

from known_gaps import SYSTEMS
from simulated_score import Score, score
from simulator.files import build
from simulator.kinds import BY_NAME


def one(name: str, seed: int) -> Score:
    """Simulate a system, audit it, and score the audit."""
    with TemporaryDirectory() as folder:
        return score(build(BY_NAME[name], seed), Path(folder))


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if a kind does not hold that should, or holds that is thought not to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help="of systems; default: all")
    parser.add_argument("--seeds", type=int, default=3, help="of each kind, how many")
    parser.add_argument("--first", type=int, default=1, help="seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--details", action="store_true", help="say what does not hold, line by line"
    )
    asked = parser.parse_args(arguments)
    names = asked.kinds or list(BY_NAME)
    surprises = 0
    sys.stdout.write(f"{Score.header()}\n")
    seeds = range(asked.first, asked.first + asked.seeds)
    with ProcessPoolExecutor(asked.processes) as pool:
        waiting = {name: [pool.submit(one, name, seed) for seed in seeds] for name in names}
        totals = []
        for name, each in waiting.items():
            total = reduce(add, (future.result() for future in each))._replace(name=name)
            totals.append(total)
            sys.stdout.write(f"{total.line()}\n")
            if asked.details:
                sys.stdout.writelines(f"    {line}\n" for line in total.details)
            sys.stdout.flush()
    sys.stdout.write(f"{reduce(add, totals)._replace(name='all', verdict='').line()}\n\n")
    for total in totals:
        if total.holds == (total.name in SYSTEMS):
            surprises += 1
            says = "holds, and is listed" if total.holds else "does not hold, and is not listed"
            sys.stdout.write(f"{total.name} {says} in tests/support/known_gaps.py\n")
            sys.stdout.writelines(f"    {line}\n" for line in total.details[:5])
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
