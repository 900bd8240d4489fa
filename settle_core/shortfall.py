"""Why a run is incomplete, in the one line of a fault."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from settle_core import style
from settle_core.errors import Fault


def line(run: Path, manifest: Mapping[str, Any]) -> str:
    """Why a run is incomplete, in one line: what, where, expected, found, what to do."""
    rejected = sum(given["rows_rejected"] for given in manifest["inputs"])
    read = sum(given["rows_read"] for given in manifest["inputs"])
    if rejected:
        with (run / "rejected.csv").open(encoding="utf-8", newline="") as file:
            first = next(csv.DictReader(file))
        return str(
            Fault(
                f"{style.count(rejected)} of {style.count(read, 'row')} rejected",
                where=str(run / "rejected.csv"),
                expected="every row accepted",
                found=f"{first['reason']} ({first['file']}, line {first['line']})",
                todo="mend the export and run again",
            )
        )
    if manifest["off_totals"]:
        off = manifest["off_totals"][0]
        where = f"{off['file']}, {off['total']}"
        return str(
            Fault(
                "a control total is off",
                where=where,
                expected=off["expected"],
                found=off["found"],
                todo="export again",
            )
        )
    errored = [each["rule"] for each in manifest["rule_runs"] if each["status"] == "errored"]
    if errored:
        return str(Fault("a rule did not run", found=", ".join(errored), todo="see the report"))
    days = manifest["counts"]["unexplained_days"]
    return str(Fault("the findings leave cents open", found=style.count(days, "day")))
