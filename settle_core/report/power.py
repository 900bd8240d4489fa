"""A trial of the audit, a piece for each cell: how many planted faults it found, and by which rule.

Found n of n says little if n is small: then at least 0.05 ** (1 / n) of such faults are found, with
95 % confidence (the exact binomial bound, of which the rule of three is the rough form).
"""

from typing import Final

from settle_core import formats
from settle_core.report.html import Cell, Column, Html, join, paragraph, pill, sheet, strong, table
from settle_core.simulation.power import Power

_DOUBT: Final = 0.05


def headline(power: Power) -> Html:
    """Say how many of the planted faults were found, and how many findings were none."""
    planted, found = (sum(getattr(f, name) for f in power.faults) for name in ("planted", "found"))
    kinds = formats.count(len(power.faults), "kind", "kinds")
    false = formats.count(len(power.false_alarms), "finding")
    answer = (
        f"Of {formats.count(planted, 'fault')} of {kinds}, planted in a copy of the export,"
        f" the audit"
        f" found {formats.count(found)} with all that they lead to;"
        f" {false} came of nothing planted."
    )
    is_good = planted == found and not (power.false_alarms or power.wrongly_proved)
    meta = (
        f"{formats.brief(power.export, 60)}, seed {power.seed}. The export's own findings: "
        f"{formats.count(power.findings_before)}, of these lost in the copy: "
        f"{formats.count(len(power.vanished))}."
        f" Causes called proved that were not the planted ones: "
        f"{formats.count(len(power.wrongly_proved))}."
    )
    return join(
        sheet(),
        Html("<h1>Would the audit have found it?</h1>"),
        paragraph(pill("passed" if is_good else "differs"), " ", answer, kind="answer"),
        paragraph(meta, kind="meta"),
    )


def by_fault(power: Power) -> Html:
    """List the kinds of fault: planted, found, and the share that is surely found."""
    rows: list[list[Cell]] = [
        [formats.words(f.fault), f.planted, f.found, _surely(f.planted, f.found)]
        for f in power.faults
    ]
    titles = ("fault", "planted", "found")
    least = Column("found at least, with 95 % confidence", is_number=True)
    skipped = [
        paragraph(f"Not planted: {formats.words(fault)}, {why}.", kind="note")
        for fault, why in power.skipped.items()
    ]
    return join(table([*map(Column, titles), least], rows), *skipped)


def by_rule(power: Power) -> Html:
    """List the rules: what had to be found, was found, and was found though it was not there."""
    rows: list[list[Cell]] = [
        [
            formats.words(r.rule),
            r.planted,
            r.found,
            r.false_alarms,
            *map(_share, (r.recall, r.precision)),
        ]
        for r in power.rules
    ]
    titles = ("rule", "planted", "found", "false")
    shares = (Column(title, is_number=True) for title in ("recall", "precision"))
    return table([*map(Column, titles), *shares], rows)


def amiss(power: Power) -> Html:
    """List what was planted and not found, and what was found and not planted."""
    rows: list[list[Cell]] = [
        ["missed", formats.words(p.rule), formats.brief(p.account_id, 24), p.week_start]
        for p in power.missed
    ]
    rows += [
        ["false alarm", formats.words(f.rule), formats.brief(f.account_id, 24), f.week_start]
        for f in power.false_alarms
    ]
    if not rows:
        return paragraph(strong("Nothing is amiss."), " All was found, and nothing else.")
    return table([*map(Column, ("", "rule", "account", "week"))], rows)


def _surely(planted: int, found: int) -> str:
    return f"{_DOUBT ** (1 / planted):.0%}".replace("%", " %") if planted == found else ""


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}".replace("%", " %")
