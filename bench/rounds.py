"""The audit next to the drift query, and to that query and a walk written in polars and pandas.

Each is a process of its own, started in turn, so that whatever else the machine does falls on all
of them alike. Wall and CPU seconds of `drift`, `audit`, `polars` and `pandas` are without a
process's start and imports; those of `command` are all of `settle audit`. Medians of the rounds;
peak memory is the largest, that of `command` of all its processes together. A round before is not
counted: it writes the bytecode that installers other than uv write, and brings the files to memory.
polars and pandas (which reads Parquet by pyarrow) are left out where they are not installed:
`pip install polars pyarrow`.

    python bench/rounds.py [--entries 1000000 5000000 20000000] [--rounds 5] [--format parquet]
"""

import argparse
import importlib.util
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import resident
from export import counts, large_export

HERE: Final = Path(__file__)
NEEDS: Final = {"polars": ("polars",), "pandas": ("pyarrow",)}
WAYS: Final = ("drift", "audit", "command", "polars", "pandas")
KEY: Final = ["account_id", "week_start"]
WALK: Final = ["account_id", "effective_date", "recorded_at", "kind", "entry_id"]
ASCENDING: Final = [True, True, True, False, True]


def cpu() -> float:
    """CPU seconds of this process and of those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def measured() -> Iterator[None]:
    """Print the wall and CPU seconds of what is done within."""
    wall, spent = time.perf_counter(), cpu()
    yield
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": cpu() - spent}))


def drift(folder: Path) -> None:
    """The one line that anybody would write."""
    import duckdb  # noqa: PLC0415  each way imports what it needs

    query = HERE.with_name("drift_query.sql").read_text("utf-8")
    with measured(), duckdb.connect() as con:
        for table in ("entries", "settlements"):
            (path,) = folder.glob(f"{table}.*")
            read = con.read_csv if path.suffix == ".csv" else con.read_parquet
            read(str(path)).create_view(table)
        con.execute(query).fetchall()


def audit(folder: Path) -> None:
    """The audit, until its findings are written."""
    import pandas as pd  # noqa: F401, PLC0415  what it would import later

    from settle_core.audit import audit as audits  # noqa: PLC0415
    from settle_core.audit import finding  # noqa: PLC0415

    with measured(), tempfile.TemporaryDirectory() as out:
        done = audits.run(folder, "canonical")
        finding.write_csv(Path(out) / "findings.csv", done.findings)
        finding.store(done.ledger, done.findings)
        finding.write_parquet(done.ledger, Path(out) / "findings.parquet")


def command(folder: Path, env: dict[str, str]) -> dict[str, float]:
    """All of `settle audit`, with its workpaper, report and workbook."""
    settle = str(Path(sys.executable).with_name("settle"))
    with tempfile.TemporaryDirectory() as runs:
        wall, before = time.perf_counter(), os.times()
        arguments = [settle, "audit", str(folder), "--profile", "canonical", "--runs", runs]
        ran = resident.run(arguments, env)
        after, wall = os.times(), time.perf_counter() - wall
    user = after.children_user - before.children_user
    spent = user + after.children_system - before.children_system
    return {"wall": wall, "cpu": spent, "megabytes": ran.peak / 2**20}


def polars(folder: Path) -> None:
    """The drift query, and the running sum of each day at its counter-entries, in polars."""
    import polars as pl  # noqa: PLC0415

    with measured():
        by_csv = partial(pl.scan_csv, try_parse_dates=True)
        read = by_csv if list(folder.glob("*.csv")) else pl.scan_parquet
        (entries,), (settlements,) = folder.glob("entries.*"), folder.glob("settlements.*")
        dated = read(entries).with_columns(week_start=pl.col("effective_date").dt.truncate("1w"))
        settled = read(settlements)
        sums = dated.group_by(KEY).agg(pl.col("amount").sum())
        off = sums.join(settled, on=KEY).filter(pl.col("amount") != pl.col("settled_amount"))
        late = dated.join(settled, on=KEY).filter(pl.col("recorded_at") > pl.col("settled_at"))
        walk = late.sort(WALK, descending=[not up for up in ASCENDING]).with_columns(
            residual=pl.col("amount").cum_sum().over("account_id", "effective_date")
        )
        wrong = walk.filter((pl.col("kind") == "counter") & (pl.col("residual") != 0))
        pl.collect_all([off.select(pl.len()), wrong.select(pl.len())])


def pandas(folder: Path) -> None:
    """The same in pandas."""
    import pandas as pd  # noqa: PLC0415

    with measured():
        is_csv = bool(list(folder.glob("*.csv")))
        read: Callable[..., Any] = pd.read_csv if is_csv else pd.read_parquet
        (entries,), (settlements,) = folder.glob("entries.*"), folder.glob("settlements.*")
        columns = ["entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at"]
        dated = read(entries, **{"usecols" if is_csv else "columns": columns})
        # Money as whole cents: pandas has no decimals but objects.
        dated["amount"] = (dated["amount"].astype("float64") * 100).round().astype("int64")
        days = pd.to_datetime(dated["effective_date"])
        dated["week_start"] = days - pd.to_timedelta(days.dt.day_of_week, unit="D")
        settled = read(settlements)
        settled["week_start"] = pd.to_datetime(settled["week_start"])
        cents = settled["settled_amount"].astype("float64") * 100
        settled["settled_amount"] = cents.round().astype("int64")
        sums = dated.groupby(KEY, as_index=False)["amount"].sum().merge(settled, on=KEY)
        (sums["amount"] != sums["settled_amount"]).sum()
        late = dated.merge(settled, on=KEY)
        late = late[late["recorded_at"] > late["settled_at"]].sort_values(WALK, ascending=ASCENDING)
        residual = late.groupby(["account_id", "effective_date"])["amount"].cumsum()
        ((late["kind"] == "counter") & (residual != 0)).sum()


def once(way: str, folder: Path) -> dict[str, float]:
    """Seconds and peak memory of one way."""
    arguments = [sys.executable, str(HERE), "--way", way, str(folder)]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if way == "command":
        return command(folder, env)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=env) as process:  # noqa: S603
        told = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found | {"megabytes": usage.ru_maxrss / 1024}


def table(entries: int, form: str, rounds: int, wanted: list[str]) -> dict[str, dict[str, float]]:
    """Measure all ways in alternating rounds, and print them as a table."""
    # In a process of its own: what it takes would count as the peak of those that are measured.
    maker = [sys.executable, str(HERE.with_name("export.py"))]
    given = ["--entries", str(entries), "--format", form]
    subprocess.run([*maker, *given], check=True, capture_output=True)  # noqa: S603  our own
    folder = large_export(entries, form)
    held = counts(folder)
    ways = [w for w in wanted if all(importlib.util.find_spec(n) for n in NEEDS.get(w, ()))]
    seen: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for way in ways:
            found = once(way, folder)
            if number:
                seen[way].append(found)
    medians = {
        way: {key: statistics.median(one[key] for one in all_of) for key in ("wall", "cpu")}
        | {"megabytes": max(one["megabytes"] for one in all_of)}
        for way, all_of in seen.items()
    }
    print(f"\n{held['entries']:,} entries, {held['settlements']:,} settlements, {form}:\n")
    print("| | wall s | CPU s | peak MB | wall, of the drift query | CPU, of it |")
    print("|-|-|-|-|-|-|")
    base = medians["drift"]
    for way, one in medians.items():
        ratios = " | ".join(f"{one[key] / base[key]:.2f}x" for key in ("wall", "cpu"))
        figures = f"{one['wall']:.2f} | {one['cpu']:.2f} | {one['megabytes']:,.0f}"
        print(f"| {way} | {figures} | {ratios} |", flush=True)
    return medians


def main() -> None:
    """Measure one way, or all of them at each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--entries", type=int, nargs="+", default=[1_000_000, 5_000_000, 20_000_000]
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--way", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        ways = {each.__name__: each for each in (drift, audit, polars, pandas)}
        ways[given.way[0]](Path(given.way[1]))
        return
    names = ("duckdb", "numpy", "pandas", "polars", "pyarrow")
    found = [f"{n} {version(n)}" for n in names if importlib.util.find_spec(n)]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"Python {platform.python_version()}, {', '.join(found)}; {os.cpu_count()} cores")
    print(f"load at the beginning {load}; medians of {given.rounds} alternating rounds")
    sizes = {n: table(n, given.format, given.rounds, given.ways) for n in given.entries}
    (least, first), (most, last) = min(sizes.items()), max(sizes.items())
    if most > least:
        grown = math.log(last["audit"]["cpu"] / first["audit"]["cpu"]) / math.log(most / least)
        print(f"\nCPU of the audit grows with the entries to the power of {grown:.2f}")


if __name__ == "__main__":
    main()
