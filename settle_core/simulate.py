"""A simulated export with planted faults, and the truth about them.

The background, entries written in time, comes from one SQL query and may be as large as the disk
holds; late rows are written at desks, one after another, as the balancing systems of `act` would.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from settle_core import roster, simulated
from settle_core.errors import Fault
from settle_core.plan import FAULTS, Plan, check


def parse_faults(text: str) -> dict[str, int]:
    """Read `stale_read=3,race=2`; a name alone stands for one.

    Raises:
        Fault: an unknown fault, one named twice, or no count.
    """
    faults: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, count = (piece.strip() for piece in part.partition("="))
        if name not in FAULTS:
            expected = f"one of {', '.join(FAULTS)}"
            raise Fault("unknown fault", where="--faults", expected=expected, found=repr(name))
        if name in faults:
            raise Fault("fault named twice", where="--faults", found=repr(name))
        if equals and not (count.isascii() and count.isdigit()):
            expected = f"{name}=N, a whole number"
            raise Fault("bad count", where="--faults", expected=expected, found=repr(part))
        faults[name] = int(count) if equals else 1
    return faults


def simulate(  # noqa: PLR0913  one parameter for each thing that can be chosen
    out: str | Path,
    *,
    seed: int = 1,
    accounts: int = 60,
    weeks: int = 13,
    entries_per_week: int = 10,
    late_share: float = 0.05,
    faults: Mapping[str, int] | None = None,
    policy: str = "sum",
    level: str = "day",
    formats: str = "csv",
    job_ids: bool = True,
) -> Path:
    """Write an export in canonical form and its truth: `entries.*`, `settlements.*`, `truth.json`.

    The same arguments give the same export. Faults of history also need an earlier export, which
    goes to the folder `previous` in it.

    Args:
        out: the folder to write to; new or empty.
        seed: of all that is random.
        accounts: how many.
        weeks: how many, of which the last is not settled.
        entries_per_week: written in time, by account and week.
        late_share: late entries as a share of those of settled weeks.
        faults: fault -> how many of it, see `FAULTS`.
        policy: sum, delta, or mixed (every other account).
        level: what a counter-entry restores: day, week, or mixed.
        formats: csv or parquet.
        job_ids: whether rows carry the job that wrote them.

    Raises:
        Fault: a parameter out of range, an unknown fault, or no room for what is asked.
    """
    plan = Plan(
        seed=seed,
        accounts=accounts,
        weeks=weeks,
        entries_per_week=entries_per_week,
        late_share=late_share,
        faults=dict(faults or {}),
        policy=policy,
        level=level,
        job_ids=job_ids,
    )
    check(plan)
    if formats not in simulated.FORMATS:
        raise Fault("bad value", where="formats", expected="csv or parquet", found=repr(formats))
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        expected, todo = "a new or empty folder", "choose another one"
        raise Fault("not empty", where=str(folder), expected=expected, todo=todo)
    played = roster.played(plan)
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        truth = simulated.Export(con, played).write(folder, formats)
    text = json.dumps(truth, indent=1)
    (folder / "truth.json").write_text(text + "\n", "utf-8")
    return folder
