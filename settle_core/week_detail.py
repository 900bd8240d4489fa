"""One account's week in depth, a piece for each cell: both clocks, what each writer saw."""

from decimal import Decimal
from typing import Final

from settle_core import style, tally
from settle_core.account_week import AccountWeek, Sums
from settle_core.step import NOT_RIGHT, WRONG, Step, Walk
from settle_core.table import Cell, Column, Html, join, paragraph, pill, sheet, strong, table
from settle_core.table import tiles as strip

_ANSWERS: Final = {
    "masked": "It does now, but only because a later counter-entry took a wrong one back.",
    "pending": "Not yet: a late entry still waits for its counter-entry.",
    "reconciled": "Yes, to the cent.",
    "incomplete": "Not known: the audit is not complete, and what it did not see proves nothing.",
}
_ROLES: Final = {
    "on time": "on time",
    "late": "late entry",
    "right": "counter-entry, right",
    "duplicate": "counter-entry where nothing was owed",
    "wrong": "counter-entry of a wrong amount",
    "orphan": "counter-entry that answers nothing",
    "unexplained": "counter-entry, not explained",
    "compensating": "counter-entry that took a break back",
    "uncountered": "late entry, not answered",
}


def headline(week: AccountWeek) -> Html:
    """Ask whether the week kept its amount, and give the verdict as a word."""
    words = f"Did account {week.account_id} keep the week of {style.day(week.week_start)}?"
    end = tally.week_end(week.week_start)
    settled = ", ".join(dict.fromkeys(style.instant(each.settled_at) for each in week.sums))
    meta = (
        f"Export {week.run.export_name}, {style.day(week.week_start)} to {style.day(end)}, "
        f"settled {settled}, as of {style.instant(week.run.as_of)}."
    )
    return join(
        sheet(),
        Html(f"<h1>{join(words).text}</h1>"),
        paragraph(pill(week.verdict), " ", _answer(week), kind="answer"),
        paragraph(meta, kind="meta"),
    )


def _answer(week: AccountWeek) -> str:
    if week.verdict != "broken":
        return _ANSWERS[week.verdict]
    off = [each for each in week.sums if each.residual]
    if not off:
        return "Its sum did, but not every row in it is right."
    parts = ", ".join(_money(each.residual, each.currency) for each in off)
    return f"No: it is off by {parts}."


def figures(week: AccountWeek) -> Html:
    """Give what was settled, what stands now and the difference, for each currency."""
    made = []
    for each in week.sums:
        unit = f", {style.brief(each.currency, 12)}"
        items = [
            ([style.amount(each.settled_amount)], f"settled{unit}", ""),
            ([style.amount(each.current_sum)], f"sum now{unit}", ""),
            (
                [style.amount(each.residual)],
                f"residual{unit}",
                "bad" if each.residual else "good",
            ),
            ([style.count(each.late_entries)], "late entries", ""),
            ([style.count(each.counters)], "counter-entries", ""),
        ]
        made.append(strip(items))
    return join(*made)


def _money(value: Decimal | None, currency: str) -> str:
    return "" if value is None else f"{style.signed(value)} {style.brief(currency, 12)}"


def told(week: AccountWeek) -> Html:
    """Tell each finding of the week: condition, cause, effect, status."""
    if not week.findings:
        return paragraph("No finding in this week.")
    rows: list[list[Cell]] = [
        [
            each.finding_id[:8],
            style.words(each.rule),
            style.brief(each.entry_id, 24),
            pill(each.status),
            f"{style.words(each.cause)}, {each.evidence}",
            _money(each.effect, each.currency),
            style.prose(each.explanation),
        ]
        for each in week.findings
    ]
    titles = ("finding", "rule", "entry", "status", "cause", "effect")
    return table([*map(Column, titles), Column("explanation", is_wide=True)], rows)


def clocks(week: AccountWeek) -> Html:
    """List every row of the week on both clocks, with the settlement where it stands."""
    rows: list[list[Cell]] = []
    for each in week.sums:
        rows += _by_clock(week, each)
    titles = [Column("recorded at, UTC"), Column("effective date"), Column("entry")]
    titles += [Column("amount", is_number=True), Column("sum of the week", is_number=True)]
    titles += [Column("currency"), Column("job"), Column("what it is", is_wide=True)]
    return table(titles, rows)


def _by_clock(week: AccountWeek, sums: Sums) -> list[list[Cell]]:
    found = week.rows(sums)
    jobs = style.abbreviate(row[-1] for row in found if row[-1])
    unit = style.brief(sums.currency, 12)
    rows: list[list[Cell]] = []
    for key, day, at, _, role, amount, total, job in found:
        what = strong(_ROLES[role]) if role in NOT_RIGHT else _ROLES[role]
        when = f"{style.day(at)} {style.clock(at)}"
        name = style.brief(key, 24)
        rows.append([when, day, name, amount, total, unit, jobs.get(job, ""), what])
    before = sum(1 for row in found if row[4] == "on time")
    settled = strong(f"{style.day(sums.settled_at)} {style.clock(sums.settled_at)}")
    line: list[Cell] = [settled, strong("settled"), "", "", sums.settled_amount, unit]
    rows.insert(before, [*line, "", strong("the amount is fixed from here on")])
    return rows


def seen(week: AccountWeek) -> Html:
    """Say of each counter-entry what was owed at its place, and what its writer saw."""
    walks = week.walks
    explained = {f.entry_id: f.explanation for f in week.findings if f.entry_id}
    rows: list[list[Cell]] = []
    for walk in walks:
        for at, step in enumerate(walk.steps):
            if step.kind != "counter":
                continue
            saw = explained.get(step.entry_id, "").partition(": ")[2] or _saw(walk, at)
            rows.append(
                [
                    style.day(walk.effective_date or walk.week_start),
                    walk.names[step.entry_id],
                    walk.job_names.get(step.job_id or "", ""),
                    _judged(step),
                    step.amount,
                    step.expected,
                    step.effect or None,
                    style.prose(saw[:1].upper() + saw[1:]),
                ]
            )
    if not rows:
        return paragraph("No counter-entry was recorded after this week was settled.")
    titles = ("day", "entry", "job", "is", "posted", "owed", "effect")
    return table([*map(Column, titles), Column("what its writer saw", is_wide=True)], rows)


def _judged(step: Step) -> str | Html:
    if step.role == "compensating":
        return step.role
    return strong("wrong") if step.role in WRONG else "right"


def _saw(walk: Walk, at: int) -> str:
    """Say what the writer of a right counter-entry saw."""
    step = walk.steps[at]
    if walk.policy == "delta":
        return "one late entry, which it answers; no sum is read"
    missed = ", ".join(walk.names[key] for key in step.unseen)
    residual = style.signed(-step.amount)
    return f"a residual of {residual}" + (f", without {missed}" if missed else "")


def put_right(week: AccountWeek) -> Html:
    """List the entries that would put the week right, and check that they do."""
    ids = {each.finding_id for each in week.findings}
    proposed = [each for each in week.run.corrections if ids & set(each.finding_ids)]
    if not proposed:
        return paragraph("No correction is proposed: nothing is open in this week.")
    rows: list[list[Cell]] = [
        [each.effective_date, each.amount, style.brief(each.currency, 12), each.correction_id]
        for each in proposed
    ]
    total = sum((each.amount for each in proposed), Decimal(0))
    left = sum((each.residual for each in week.sums), Decimal(0)) + total
    note = "Proposed, not posted."
    if len(week.sums) == 1:
        note += f" With them the week is off by {style.amount(left)}."
    titles = ("effective date", "amount", "currency", "correction")
    return join(table([*map(Column, titles)], rows), paragraph(note, kind="note"))
