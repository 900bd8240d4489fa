"""A simulated export's truth next to the findings of its audit."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from settle_core.audit.audit import Audit


def truth_of(export: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((export / "truth.json").read_text("utf-8"))
    return truth


def wanted(export: Path) -> Counter[tuple[str, ...]]:
    """What must be found, not by id: equal counter-entries of a day are interchangeable."""
    names = ("rule", "account_id", "week_start", "effective_date", "status")
    amounts = ("amount", "expected_amount", "effect")
    return Counter(
        (*(_said(f["rule"], str(f[name])) for name in names), *(str(f[name]) for name in amounts))
        for f in truth_of(export)["findings"]
    )


def found(audited: Audit) -> Counter[tuple[str, ...]]:
    """What was found, told in the same way."""
    return Counter(
        (
            *map(str, (f.rule, f.account_id, f.week_start, f.effective_date)),
            _said(f.rule, f.status),
            *map(str, (f.amount, f.expected_amount, f.effect)),
        )
        for f in audited.findings
    )


def _said(rule: str, value: str) -> str:
    """Both halves of a pair in one week sum to zero there and are masked, in two they are open."""
    pair = rule in {"misplaced_counter", "answered_elsewhere"} and value in {"open", "masked"}
    return "of a pair" if pair else value
