"""The smallest exports that were once told wrongly, and what is right of each."""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from round_trip import Way

from settle_core.audit import Audit

DATA: Final = Path(__file__).parents[1] / "data" / "minimal"
CASES: Final[dict[str, dict[str, Any]]] = tomllib.loads((DATA / "cases.toml").read_text("utf-8"))


def way(name: str) -> Way:
    """How a case is audited."""
    folder = DATA / name
    profile = folder / "profile.toml"
    before = folder / "before"
    return Way(
        folder / "export",
        str(profile) if profile.exists() else "canonical",
        previous=str(before) if before.exists() else "",
    )


@cache
def audited(name: str) -> Audit:
    """Audit a case, once for all tests."""
    return way(name).audited()


def differences(case: dict[str, Any], result: Audit) -> list[str]:
    """What an audit tells otherwise than is right; empty where it is right."""
    told = [] if result.verdict in case["verdict"] else [f"verdict {result.verdict}"]
    told += _rows(case, result)
    for wanted in case.get("weeks", ()):
        rules, week, effect = wanted.split()
        if not any(
            f.rule in rules.split("|")
            and f.week_start == date.fromisoformat(week)
            and effect in {"*", f"{f.effect:f}"}
            for f in result.findings
        ):
            told.append(f"not told: {wanted}")
    if "corrections" in case:
        had = sorted(f"{c.effective_date} {c.amount:f}" for c in result.corrections)
        if had != sorted(case["corrections"]):
            told.append(f"corrections {had}, right are {case['corrections']}")
    for pair in case.get("names", ()):
        of = [f for f in result.findings if f.entry_id in pair]
        if not any(all(_names(f, each) for each in pair) for f in of):
            told.append(f"no finding names both of {pair}: {[f.explanation for f in of]}")
    told += [f"proved {f.cause} of {f.entry_id}" for f in result.findings if f.evidence == "proved"]
    told += [
        f"claims {f.cause} of {f.entry_id}"
        for f in result.findings
        if f.cause in case.get("not_cause", {}).get(f.entry_id, ())
    ]
    return told


def _names(finding: Any, entry_id: str) -> bool:  # noqa: ANN401  a finding
    words = re.findall(r"\w+", finding.explanation)
    return finding.entry_id == entry_id or entry_id in words


def _rows(case: dict[str, Any], result: Audit) -> list[str]:
    left = [
        f
        for f in result.findings
        if f.effective_date
        and (f.severity != "info" or f.status == "accepted")
        and f.rule not in {"compensating_counter", "answered_elsewhere"}
    ]
    told = []
    for wanted in case["findings"]:
        rules, rows, status, effect = wanted.split()
        fits = [
            f
            for f in left
            if f.rule in rules.split("|")
            and f.entry_id in rows.split("|")
            and f.status == status
            and effect in {"*", f"{f.effect:f}"}
        ]
        if fits:
            left.remove(fits[0])
        else:
            told.append(f"not told: {wanted}")
    allowed = case.get("may", ())
    for f in left:
        is_open = f.status == "open" and not any("open" in w for w in case["findings"])
        if not case.get("others") and (f.entry_id not in allowed or is_open):
            told.append(f"told: {f.rule} {f.entry_id} {f.status} {f.effect}")
    return told
