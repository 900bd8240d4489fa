"""`summary.json`: a run in a few figures that an alert can be made from, as a whole and by week."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from settle_core import contract, formats
from settle_core.audit import finding, listing, run_folder, terminal_lines
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.rules import rule


def line(run: Path, manifest: Mapping[str, Any]) -> str:
    """Why a run is incomplete, in one line: what, where, expected, found, what to do."""
    rejected = sum(given["rows_rejected"] for given in manifest["inputs"])
    read = sum(given["rows_read"] for given in manifest["inputs"])
    if rejected:
        first = next(run_folder.each_row(run, run_folder.REJECTED))
        return str(
            Fault(
                f"{formats.count(rejected)} of {formats.count(read, 'row')} rejected",
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
    old = manifest.get("age")
    if old and old["is_older"]:
        return str(
            Fault(
                "the export is old",
                where=manifest["export"],
                expected=f"a row of the last {old['max_age']}",
                found=f"the last one of {old['last_recorded'] or 'no instant'}",
                todo="see why it is not renewed",
            )
        )
    errored = [each["rule"] for each in manifest["rule_runs"] if each["status"] == "errored"]
    if errored:
        return str(Fault("a rule did not run", found=", ".join(errored), todo="see the report"))
    days = manifest["counts"]["unexplained_days"]
    if days:
        return str(Fault("the findings leave cents open", found=formats.count(days, "day")))
    broken = next(each for each in manifest["invariants"] if each["violations"])
    return str(
        Fault(
            "an invariant does not hold",
            where=broken["name"],
            expected=broken["holds_if"],
            found=broken["violations"][0],
            todo="report it with the export: this must not happen",
        )
    )


def write(
    path: Path,
    manifest: Mapping[str, Any],
    findings: Sequence[Finding],
    weeks: Sequence[tuple[date, int, int]],
) -> None:
    """Write it; see `told`."""
    text = json.dumps(told(manifest, findings, weeks), indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, "utf-8")


def told(
    manifest: Mapping[str, Any],
    findings: Sequence[Finding],
    weeks: Sequence[tuple[date, int, int]],
) -> dict[str, Any]:
    """The figures.

    Args:
        manifest: of the run.
        findings: all of them.
        weeks: first day, account weeks and how many of these are off, of each settled week.

    Returns:
        `exit_code` is that of `settle audit`. `effects`, by currency in major units, as the report
        has them: `net` adds up what is open, so that a pair in two weeks is off by nothing in all,
        `gross` the size of open and masked breaks of entries.
        `biggest` are the first of the findings of entries, as `settle findings --json` has them.
        `weeks` has the same for each week: the audit of a range is one of every week in it.
    """
    verdict = manifest["verdict"]
    since, accepted = manifest["previous_run"], manifest["dispositions"]
    by_week: dict[date, list[Finding]] = defaultdict(list)
    for each in findings:
        by_week[each.week_start].append(each)
    return {
        "verdict": verdict,
        "exit_code": contract.EXIT_CODES[verdict],
        "export": manifest["export"],
        "as_of": manifest["as_of"],
        "settled_weeks": manifest["counts"]["settled_weeks"],
        "weeks_off": manifest["counts"]["weeks_off"],
        "weeks_masked": manifest["counts"]["weeks_masked"],
        "rows_rejected": sum(given["rows_rejected"] for given in manifest["inputs"]),
        "rows_set_aside": sum(given["rows_set_aside"] for given in manifest["inputs"]),
        "agreement": manifest["agreement"],
        **_counts(findings),
        "biggest": [
            listing.as_dict(each) for each in finding.biggest(findings, terminal_lines.BIGGEST)
        ],
        "since": {name: len(since[name]) for name in ("new", "persisting", "resolved")}
        if since
        else None,
        "dispositions": accepted["counts"] if accepted else None,
        "weeks": [
            {
                "week_start": week.isoformat(),
                "verdict": finding.verdict(by_week[week], is_complete=verdict != "incomplete"),
                "settled_weeks": settled,
                "weeks_off": off,
                **_counts(by_week[week]),
            }
            for week, settled, off in weeks
        ],
    }


def _counts(findings: Sequence[Finding]) -> dict[str, Any]:
    by_rule, by_severity, by_status = (
        Counter(map(attrgetter(name), findings)) for name in ("rule", "severity", "status")
    )
    is_broken = {name: of.is_broken for name in by_rule if (of := rule.of(name)).is_of_rows}
    effects: dict[str, dict[str, Decimal]] = {}
    for each in findings:
        if each.rule in is_broken and each.status in {"open", "masked"}:
            sums = effects.setdefault(each.currency, {"net": Decimal(), "gross": Decimal()})
            effect = each.effect or Decimal()
            sums["net"] += effect if each.status == "open" else 0
            sums["gross"] += abs(effect) if is_broken[each.rule] else 0
    return {
        "findings": len(findings),
        "by_rule": dict(sorted(by_rule.items())),
        "by_severity": dict(sorted(by_severity.items())),
        "by_status": dict(sorted(by_status.items())),
        "effects": {
            currency: {name: f"{total:f}" for name, total in sums.items()}
            for currency, sums in sorted(effects.items())
        },
    }
