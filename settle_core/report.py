"""The pieces of the report, one for each cell of the workpaper, in the order of reading.

The question and the answer first; then where, why, since when, what was read and what to do; then
the worst findings with their walks; then all of them, and how it was found out.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from settle_core import chart, story, style, tally
from settle_core.audit import Audit
from settle_core.detail import appendix, findings, rules, walks, worst
from settle_core.page import page
from settle_core.standing import accepted, changed
from settle_core.table import (
    Cell,
    Column,
    Html,
    file_link,
    join,
    paragraph,
    pill,
    sheet,
    strong,
    table,
    tiles,
)

__all__ = [
    "accepted",
    "appendix",
    "changed",
    "figures",
    "findings",
    "headline",
    "over_time",
    "page",
    "put_right",
    "read",
    "rules",
    "since",
    "told",
    "walks",
    "where",
    "why",
    "worst",
]

_CHARTS_MOST = 3  # currencies with charts of their own
_LINES_MOST = 4  # currencies in a tile


def headline(audit: Audit) -> Html:
    """Ask the question, and give the verdict as a word."""
    limits = audit.limits
    weeks = f"beginning {style.day(limits.first_week)}"
    if limits.last_week != limits.first_week:
        weeks += f" to {style.day(limits.last_week)}"
    accounts = style.count(audit.accounts, "account")
    scope = f"{style.count(audit.settled_weeks, 'settled week')} of {accounts} {weeks}"
    meta = f"Export {audit.export_name}: {scope}, as of {style.instant(audit.as_of)}."
    title = Html(f"<h1>{join(story.QUESTION).text}</h1>")
    answer = paragraph(pill(audit.verdict), " ", story.answer(audit), kind="answer")
    return join(sheet(), title, answer, paragraph(meta, kind="meta"))


def told(audit: Audit) -> Html:
    """Tell the whole story in one paragraph."""
    return paragraph(" ".join(story.story(audit)), kind="story")


def figures(audit: Audit) -> Html:
    """Give the figures that the story turns on, as a strip."""
    wrong = tally.wrong_counters(audit.findings)
    masked = [finding for finding in wrong if finding.status == "masked"]
    unit = f", {style.brief(audit.currencies[0], 12)}" if len(audit.currencies) == 1 else ""
    refused = sum(each.rows_rejected for each in audit.inputs)
    rows = sum(each.rows_read for each in audit.inputs)
    missing = [f for f in tally.breaks(audit.findings) if f.rule == "uncountered_entry"]
    waiting = [finding for finding in missing if finding.status == "pending"]
    items: list[tuple[Sequence[str], str, str]] = [
        (_by_currency(audit, tally.net), f"open, net{unit}", ""),
        (_by_currency(audit, tally.gross), f"gross, masked included{unit}", ""),
        ([style.count(len(wrong))], "wrong counter-entries", "bad" if wrong else ""),
        ([style.count(len(masked))], "of these masked", "amber" if masked else ""),
    ]
    if waiting:
        items.append(([style.count(len(waiting))], "late entries still waiting", "wait"))
    if len(missing) > len(waiting):
        lost = style.count(len(missing) - len(waiting))
        items.append(([lost], "late entries not answered", "bad"))
    if refused:
        items.append(([style.count(refused)], f"of {style.count(rows)} rows rejected", "bad"))
    else:
        state = "" if audit.verdict == "incomplete" else "good"
        items.append(([style.count(rows)], "rows read, all accepted", state))
    return tiles(items)


def _by_currency(audit: Audit, figure: Callable[[Audit, str], Decimal]) -> list[str]:
    currencies = audit.currencies
    if len(currencies) == 1:
        return [style.amount(figure(audit, currencies[0]))]
    values = [f"{style.amount(figure(audit, each))} {style.brief(each, 12)}" for each in currencies]
    more = [f"and {len(values) - _LINES_MOST} more"] if len(values) > _LINES_MOST else []
    return values[:_LINES_MOST] + more


def where(audit: Audit, weeks: Sequence[date]) -> Html:
    """Show which accounts' weeks are off, for each currency.

    Args:
        audit: the audit.
        weeks: the first days of all settled weeks, in order.
    """
    charts = [
        Html(chart.heat_map(cells, currency, weeks).svg)
        for currency in audit.currencies
        if (cells := tally.cells(audit, currency))
    ]
    is_known = not audit.weeks_off and audit.verdict != "incomplete"
    return _charts(charts, "No settled week is off." if is_known else "Nothing to show.", "chart")


def over_time(audit: Audit) -> Html:
    """Show how the residual of all settled weeks came about, for each currency."""
    charts = [
        Html(chart.residual_over_time(moments, currency).svg)
        for currency in audit.currencies
        if (moments := tally.over_time(audit, currency))
    ]
    return _charts(charts, story.none(audit, "Nothing was off at any time"), "broad")


def _charts(charts: Sequence[Html], otherwise: str, kind: str) -> Html:
    if not charts:
        return paragraph(otherwise, kind="note")
    made = [Html(f'<figure class="{kind}">{each.text}</figure>') for each in charts[:_CHARTS_MOST]]
    if len(charts) > _CHARTS_MOST:
        more = style.count(len(charts) - _CHARTS_MOST, "more currency", "more currencies")
        made.append(paragraph(f"{more}: see the findings.", kind="note"))
    return join(*made)


def why(audit: Audit) -> Html:
    """List the causes with their evidence."""
    rows: list[Sequence[Cell]] = []
    for currency in audit.currencies:
        for cause, evidence, number, effect in tally.causes(audit, currency):
            meaning = story.CAUSES.get(cause, "")
            said = join(strong(style.words(cause)), f": {meaning}" if meaning else "")
            unit = [style.brief(currency, 12)] if len(audit.currencies) > 1 else []
            rows.append([said, evidence, number, effect, *unit])
    if not rows:
        return paragraph(story.none(audit, "No wrong or missing counter-entry"))
    columns = [Column("cause", is_wide=True), Column("evidence"), Column("findings")]
    return table([*columns, *_money(audit, "effect")], rows)


def _money(audit: Audit, title: str) -> list[Column]:
    if len(audit.currencies) == 1:
        return [Column(f"{title}, {style.brief(audit.currencies[0], 12)}")]
    return [Column(title), Column("currency")]


def since(audit: Audit) -> Html:
    """Say when it began and ended."""
    return paragraph(story.since(audit))


def read(audit: Audit) -> Html:
    """Say what was read, and how it was understood."""
    rows: list[Sequence[Cell]] = []
    for each in audit.inputs:
        refused = f"{style.count(each.rows_rejected)} rejected" if each.rows_rejected else ""
        state = strong(refused) if refused else "all accepted"
        counted = join(style.count(each.rows_read, "row"), ", ", state)
        digest = f"sha256 {each.sha256[:4]}{style.DOTS}{each.sha256[-4:]}"
        rows.append([each.name, counted, digest])
    restored = paragraph(story.restores(audit), kind="note")
    return join(table([Column("")] * 3, rows, is_bare=True), restored)


def put_right(audit: Audit) -> Html:
    """Say which entries would put it right."""
    proposed = story.put_right(audit)
    masked = " Masked days need none." if any(f.status == "masked" for f in audit.findings) else ""
    if not proposed:
        return paragraph(f"{story.none(audit, 'No entry is proposed')}{masked}")
    end = f". Proposed, not posted.{masked}"
    return paragraph(proposed, ": ", file_link("corrections.csv"), end)
