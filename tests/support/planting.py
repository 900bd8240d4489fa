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
        tuple(str(f[name]) for name in names + amounts) for f in truth_of(export)["findings"]
    )


def found(audited: Audit) -> Counter[tuple[str, ...]]:
    """What was found, told in the same way."""
    return Counter(
        (
            *map(str, (f.rule, f.account_id, f.week_start, f.effective_date, f.status)),
            *map(str, (f.amount, f.expected_amount, f.effect)),
        )
        for f in audited.findings
    )
