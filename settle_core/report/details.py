"""The report's details: the worst findings, their walks, all findings, the rules, the appendix."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from settle_core import formats
from settle_core.audit.audit import Audit
from settle_core.audit.correction import Correction
from settle_core.audit.explain import log_line
from settle_core.audit.walk import NOT_RIGHT, Walk
from settle_core.contract import Finding
from settle_core.report import aggregates, narrative
from settle_core.report.aggregates import Day
from settle_core.report.charts import walk, walk_text, zoom
from settle_core.report.charts.log_lane import Logged, log_lane
from settle_core.report.html import (
    Cell,
    Column,
    Html,
    Keyed,
    Moving,
    code_id,
    digits,
    figure,
    file_link,
    folded,
    join,
    lines,
    link,
    paragraph,
    pill,
    place,
    preformatted,
    spot,
    strong,
    table,
)

FINDINGS_MOST = 1000
_REJECTED_MOST = 20
_ENTRIES_MOST = 3
_NAMED_MOST = 6  # findings named below a walk
_DRAWN_BYTES_MOST = 500_000
_PLAIN_MOST = 150
# What rules examine, in the reader's words.
_POPULATIONS = {
    "entry": "entries",
    "settled_week": "settled weeks",
    "told_week": "weeks with a stated amount",
    "late_entry": "late entries",
    "late_counter": "counter-entries of late entries",
    "previous_entry": "entries of an earlier export",
    "log_contradiction": "contradictions in the logs given",
}


def worst(audit: Audit, told: Sequence[Walk]) -> Html:
    """List the days with the largest effects, each with a link to its walk.

    Args:
        audit: the audit.
        told: the walks that the report shows; a day without one has no link.
    """
    days = aggregates.worst(audit)
    if not days:
        return paragraph(narrative.none(audit, "No finding"))
    unit = f", {formats.brief(audit.currencies[0], 12)}" if len(audit.currencies) == 1 else ""
    walk_names = _walk_names(told)
    accounts = formats.apart([day.account_id for day in days], 14)
    rows: list[Sequence[Cell]] = []
    for day in days:
        name = _walk_name(day.findings[0], walk_names)
        when = formats.day(day.effective_date)
        ids = [formats.brief(finding.entry_id, 14) for finding in day.findings]
        more = f" and {len(ids) - _ENTRIES_MOST} more" if len(ids) > _ENTRIES_MOST else ""
        effect: list[Cell] = [day.effect]
        if not unit:
            effect.append(formats.brief(day.currency, 12))
        rows.append(
            [
                accounts[day.account_id],
                link(when, name) if name else when,
                ", ".join(ids[:_ENTRIES_MOST]) + more,
                _repeated(Counter(finding.amount for finding in day.findings)),
                _repeated(Counter({finding.expected_amount for finding in day.findings})),
                *effect,
                pill("open" if day.is_open else day.findings[0].status),
                _happened(day),
            ]
        )
    columns = [Column(title) for title in ("account", "day", "entry")]
    columns += [Column("amount", is_number=True), Column("owed", is_number=True)]
    columns.append(Column(f"effect{unit}"))
    if not unit:
        columns.append(Column("currency"))
    columns += [Column("status"), Column("what happened", is_wide=True)]
    several = len({day.currency for day in days}) > 1
    said = [paragraph(aggregates.IN_TURN, kind="note")] if several else []
    return join(*said, table(columns, rows))


def _walk_names(told: Sequence[Walk]) -> dict[tuple[str, str, str], str]:
    """By account, currency and entry, the place of the walk that it stands in."""
    return {
        (each.account_id, each.currency, entry_id): walk_anchor(each)
        for each in reversed(told)
        for entry_id in each.position
    }


def _walk_name(finding: Finding, names: Mapping[tuple[str, str, str], str]) -> str:
    return names.get((finding.account_id, finding.currency, finding.entry_id), "")


def walk_anchor(shown: Walk) -> str:
    """Name the place of a walk in the report."""
    day = shown.effective_date or shown.week_start
    return formats.anchor("walk", shown.account_id, shown.currency, shown.level, day)


def _repeated(amounts: Counter[Decimal | None]) -> Html:
    """Write amounts, each once, with how often where it is more."""
    said = [
        (formats.amount(value) if value is not None else "?")
        + (f" \N{MULTIPLICATION SIGN}{number}" if number > 1 else "")
        for value, number in amounts.items()
    ]
    if len(said) > _ENTRIES_MOST:
        said = [*said[: _ENTRIES_MOST - 1], f"{len(said) - _ENTRIES_MOST + 1} more"]
    return lines(said)


def _happened(day: Day) -> str:
    more = len(day.findings) - 1
    return _in_words(day.findings[0]) + (
        f" {formats.count(more)} more on this day." if more else ""
    )


def _in_words(finding: Finding) -> str:
    """Give the explanation without the numbers that stand in the columns beside it."""
    head, _, rest = finding.explanation.partition(": ")
    said = formats.prose(rest if rest and head.startswith("Expected") else finding.explanation)
    return said[:1].upper() + said[1:]


def walks(audit: Audit, told: Sequence[Walk], *, is_listed: bool = False) -> Html:
    """Show the walks of some days, each with the entry that would put it right.

    Args:
        audit: the audit; its corrections are named below each walk.
        told: the walks; one that is given twice is shown once.
        is_listed: the same page has the table of findings, to which the steps may lead; without
            it, one walk alone can be moved and enlarged in JupyterLab.
    """
    by_name = {walk_anchor(each): each for each in told}
    if not by_name:
        return paragraph("No walk to show.", kind="note")
    known = _known(audit, told)
    links = _links(audit) if is_listed else {}
    shown = join(*(_drawn(audit, name, each, known, links) for name, each in by_name.items()))
    if is_listed or audit.logs or len(by_name) > 1:
        return shown
    (one,) = by_name.values()
    return Moving(shown.text, zoom.walk(one, _correction(known, one)), walk.figure(one).svg)


class _Known(NamedTuple):
    """What an audit has of the accounts that are shown, in its order."""

    findings: Mapping[str, Sequence[Finding]]
    corrections: Mapping[str, Sequence[Correction]]


def _known(audit: Audit, told: Sequence[Walk]) -> _Known:
    """Sort it by account once: there may be many walks and many findings."""
    accounts = dict.fromkeys(each.account_id for each in told)
    found: dict[str, list[Finding]] = {account: [] for account in accounts}
    proposed: dict[str, list[Correction]] = {account: [] for account in accounts}
    for each in audit.findings:
        if each.account_id in accounts:
            found[each.account_id].append(each)
    for correction in audit.corrections:
        if correction.account_id in accounts:
            proposed[correction.account_id].append(correction)
    return _Known(found, proposed)


def _links(audit: Audit) -> dict[str, str]:
    """By entry, where the table of findings has it; one entry may stand in two currencies."""
    listed = aggregates.biggest(audit.findings, FINDINGS_MOST)
    return {f.entry_id: f"#finding-{f.finding_id}" for f in reversed(listed) if f.entry_id}


def _drawn(audit: Audit, name: str, shown: Walk, known: _Known, links: Mapping[str, str]) -> Html:
    drawn = figure(walk.figure(shown, links).svg, "broad")
    ids = {step.entry_id for step in shown.steps if step.role in NOT_RIGHT}
    found = [f for f in known.findings[shown.account_id] if f.entry_id in ids]
    named = join(*(part for f in found[:_NAMED_MOST] for part in (code_id(f.finding_id), " ")))
    which = f" {'Finding' if len(found) == 1 else 'Findings'}: " if found else ""
    more = f"and {len(found) - _NAMED_MOST} more" if len(found) > _NAMED_MOST else ""
    said = paragraph(_correction(known, shown), which, named, more, kind="note")
    return place(name, drawn, said, *_log_lines(audit, ids), kind="walk")


def _log_lines(audit: Audit, ids: set[str]) -> tuple[Html, ...]:
    """The lines of logs that prove what is wrong in a walk, redacted, as text to copy."""
    if audit.logs is None:
        return ()
    told = [line for line in audit.logs.kept if line["entry_id"] in ids]
    unique = {(line["file"], line["line"]): line for line in told}
    said = [text for line in unique.values() for text in log_line(line)]
    if not said:
        return ()
    in_order = sorted(unique.values(), key=lambda line: (line["at"], line["file"], line["line"]))
    lane = log_lane(
        [Logged(line["job_id"], line["kind"], line["label"], line["at"]) for line in in_order]
    )
    drawn = figure(lane.svg, "broad")
    return drawn, folded("The lines of the log that tell it", preformatted("\n".join(said)))


def other_walks(audit: Audit, told: Sequence[Walk], drawn: Sequence[Walk] = ()) -> Html:
    """Fold up the walks of all other days with findings: drawn, then as lists, then named only.

    Drawn ones take about 12 kB each, so that they are as many as a page of 2 MB can hold.

    Args:
        audit: the audit.
        told: all walks, in the order to be shown.
        drawn: those that the report shows already.
    """
    shown = {walk_anchor(each) for each in drawn}
    left = {name: each for each in told if (name := walk_anchor(each)) not in shown}
    if not left:
        return paragraph("No other day has findings.", kind="note")
    known, links = _known(audit, told), _links(audit)
    room = _DRAWN_BYTES_MOST
    parts, plain = [], 0
    for name, each in left.items():
        if room > 0:
            made = _drawn(audit, name, each, known, links)
            room -= len(made.text)
        elif plain < _PLAIN_MOST:
            made = place(name, _listed(each), paragraph(_correction(known, each), kind="note"))
            plain += 1
        else:
            continue
        parts.append(folded(walk_text.title(each), made))
    rest = len(left) - len(parts)
    if rest:
        more = f"{formats.count(rest, 'more day')}: settle explain RUN FINDING tells each."
        parts.append(paragraph(more, kind="note"))
    return Html(f'<div class="others">{join(*parts).text}</div>')


def _listed(shown: Walk) -> Html:
    rows: list[Sequence[Cell]] = [
        [
            step.recorded_at,
            "late entry" if step.kind == "entry" else "counter-entry",
            formats.brief(step.entry_id, 24),
            step.amount,
            residual,
            formats.words(step.role),
        ]
        for step, residual in zip(shown.steps, shown.residuals, strict=True)
    ]
    titles = ("recorded at", "kind", "entry", "amount", "residual", "judged")
    return table([Column(title) for title in titles], rows)


def _correction(known: _Known, shown: Walk) -> str:
    end = aggregates.week_end(shown.week_start)
    proposed = [
        f"{formats.signed(c.amount)} {formats.brief(c.currency, 12)}"
        f" on {formats.day(c.effective_date)}"
        for c in known.corrections[shown.account_id]
        if c.currency == shown.currency
        and (shown.effective_date or shown.week_start) <= c.effective_date
        and c.effective_date <= (shown.effective_date or end)
    ]
    if proposed:
        return f"Proposed correction: {', '.join(proposed)}."
    return "No correction is proposed: nothing is open here."


def findings(audit: Audit, told: Sequence[Walk] = ()) -> Html:
    """List all findings, up to a thousand; beyond that the biggest ones and where all of them are.

    Args:
        audit: the audit.
        told: the walks that the report shows, to link to.
    """
    if not audit.findings:
        none = paragraph(narrative.none(audit, "No finding"))
        doubt = "Would there be one, if there were a fault? Try it on a copy of this export: "
        return join(none, paragraph(doubt, strong(narrative.trial(audit)), kind="note"))
    shown = aggregates.biggest(audit.findings, FINDINGS_MOST)
    total = len(audit.findings)
    which = formats.count(total, "finding")
    if len(shown) < total:
        which = f"The {formats.count(len(shown))} biggest of {which}"
        which += "" if len(audit.currencies) == 1 else ", of each currency in turn"
    how = " A finding's id, clicked, is copied and shows the commands for it."
    intro = paragraph(f"{which}; all of them in ", file_link("findings.csv"), ".", how, kind="note")
    is_one = len(audit.currencies) == 1
    unit = f", {formats.brief(audit.currencies[0], 12)}" if is_one else ""
    rows: list[Sequence[Cell]] = []
    data: list[dict[str, str]] = []
    weeks: set[str] = set()
    walk_names = _walk_names(told)
    accounts = formats.apart([each.account_id for each in shown], 24)
    for each in shown:
        name = _walk_name(each, walk_names)
        when = formats.day(each.effective_date or each.week_start)
        head = "" if each.effective_date else "week of "
        cause = formats.words(each.cause) + (f", {each.evidence}" if each.evidence else "")
        anchor = aggregates.week_anchor(each)
        first = [] if anchor in weeks else [spot(anchor)]
        weeks.add(anchor)
        rows.append(
            [
                join(*first, code_id(each.finding_id)),
                accounts[each.account_id],
                Keyed(
                    link(when, name) if name else join(f"{head}{when}"),
                    str(each.effective_date or each.week_start),
                ),
                each.effect,
                *([] if is_one else [formats.brief(each.currency, 12)]),
                _in_words(each),
                pill(each.status),
                formats.words(each.rule),
                cause,
                formats.brief(each.entry_id, 24),
                each.amount,
                each.expected_amount,
            ]
        )
        data.append({"id": each.finding_id, "week": str(each.week_start), "export": audit.export})
    columns = [Column(title) for title in ("finding", "account", "day", f"effect{unit}")]
    columns += [] if is_one else [Column("currency")]
    columns.append(Column("explanation", is_wide=True))
    columns += [Column(title) for title in ("status", "rule", "cause", "entry", "is", "should be")]
    names = [f"finding-{each.finding_id}" for each in shown]
    return join(intro, table(columns, rows, names=names, data=data, is_sortable=True))


def rules(audit: Audit) -> Html:
    """List the rules that ran, what each examined and how many breaks it found."""
    rows: list[Sequence[Cell]] = [
        [
            run.title,
            pill(run.status.replace("_", " ")),
            run.examined,
            _POPULATIONS.get(run.population, formats.words(run.population)),
            run.found,
        ]
        for run in audit.rule_runs
    ]
    titles = [Column("rule", is_wide=True), Column("result"), Column("examined"), Column("of what")]
    failed = [
        paragraph(f"{formats.words(run.rule)} did not run: {run.message}", kind="stop")
        for run in audit.rule_runs
        if run.status == "errored"
    ]
    return join(table([*titles, Column("found")], rows), *failed)


def appendix(audit: Audit) -> Html:
    """Give the control totals in full, and the first rows that were not accepted."""
    rows: list[Sequence[Cell]] = []
    for each in audit.inputs:
        sums = "; ".join(
            f"{formats.amount(total)} {formats.brief(unit, 12)}" for unit, total in each.totals
        )
        ids = f"{formats.brief(each.first_id, 24)} to {formats.brief(each.last_id, 24)}"
        counts = each.rows_read, each.rows_accepted, each.rows_rejected, each.rows_set_aside
        digest = digits(each.sha256)
        rows.append([each.name, *counts, sums, ids, each.bytes, digest])
    counted = ("rows", "accepted", "rejected", "set aside")
    titles = ("file", *counted, "sum of amounts", "ids", "bytes", "sha256")
    made = [table([Column(title) for title in titles], rows)]
    if audit.rejected:
        first = audit.rejected[:_REJECTED_MOST]
        listed: list[Sequence[Cell]] = [
            [each.file, each.line, each.reason, formats.brief(each.row, 200)] for each in first
        ]
        columns = [Column("file"), Column("line"), Column("reason"), Column("row", is_wide=True)]
        count = formats.count(len(audit.rejected), "row was", "rows were")
        which = f", the first {len(first)} of them:" if len(first) < len(audit.rejected) else ":"
        intro = paragraph(f"{count} not accepted", which, " ", file_link("rejected.csv"))
        made += [intro, table(columns, listed)]
    problems = aggregates.problems(audit)
    if problems:
        made.append(paragraph("Not complete: ", "; ".join(problems), ".", kind="stop"))
    return join(*made, paragraph(narrative.HOW_TO_READ, kind="note"))
