"""A trend, a piece for each cell: how the control does, what is new, what is resolved."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from settle_core import style, tally
from settle_core.finding import Finding
from settle_core.table import Cell, Column, Html, join, paragraph, pill, sheet, strong, table
from settle_core.trend import Run, Series, Trend
from settle_core.trend_chart import columns

_ROWS_MOST: Final = 20


def headline(trend: Trend) -> Html:
    """Say for each export what is open now, what is new and what is resolved."""
    made = [sheet(), Html("<h1>Are the breaks getting fewer?</h1>")]
    if trend.is_demonstration:
        said = strong("This is a demonstration.")
        rest = " Its runs were made just now, from a recorded export as of some instants. "
        todo = "Set runs to the folder of your runs."
        made.append(paragraph(said, rest, todo))
    for each in trend.series:
        made.append(paragraph(pill(each.last.run.verdict), " ", _answer(each), kind="answer"))
        made.append(paragraph(_meta(each), kind="meta"))
    return join(*made)


def _answer(series: Series) -> str:
    last = series.last
    now = style.count(len(last.run.open), "break is", "breaks are")
    if len(series.changes) == 1:
        return f"{series.export}: {now} open. One run, so there is nothing to compare it with."
    return (
        f"{series.export}: {now} open; since the run before, {style.count(len(last.new))} new, "
        f"{style.count(len(last.persisting))} persisting, "
        f"{style.count(len(last.resolved))} resolved."
    )


def _meta(series: Series) -> str:
    first, last = series.changes[0].run, series.last.run
    runs = style.count(len(series.changes), "run")
    even = sum(change.run.verdict == "reconciled" for change in series.changes)
    weeks = f"weeks {series.weeks}" if series.weeks else "all weeks"
    span = f"as of {style.instant(last.as_of)}"
    if len(series.changes) > 1:
        span = f"as of {style.instant(first.as_of)} to {style.instant(last.as_of)}"
    return f"{runs}, {weeks}, {span}; {style.count(even)} of them reconciled."


def over_time(trend: Trend) -> Html:
    """Draw the open breaks from run to run."""
    made = []
    for each in trend.series:
        title = f"{style.brief(each.export, 40)}: open breaks by run, {len(each.last.run.open)} now"
        drawn = columns(each.changes, title).svg
        made.append(Html(f'<figure class="broad">{drawn}</figure>'))
    return join(*made)


def runs(trend: Trend) -> Html:
    """List the runs: verdict, breaks, exposure and how long late entries waited."""
    made = []
    for each in trend.series:
        rows: list[Sequence[Cell]] = [
            [
                change.run.as_of,
                pill(change.run.verdict),
                len(change.new),
                len(change.persisting),
                len(change.resolved),
                sum(f.status == "masked" for f in change.run.breaks),
                sum(f.status == "pending" for f in change.run.breaks),
                *(change.run.exposure(currency) for currency in each.currencies),
                *_waits(change.run),
            ]
            for change in each.changes
        ]
        titles = ["as of", "verdict", "new", "persisting", "resolved", "masked", "pending"]
        titles += [f"exposure, {style.brief(currency, 12)}" for currency in each.currencies]
        titles += ["half answered within", "99 % within"]
        name = paragraph(strong(style.brief(each.export, 40)))
        made.append(join(name, table([*map(Column, titles)], rows)))
    note = (
        "Exposure: the size of all open breaks, signs ignored. Answered within: the time from a "
        "late entry to the next counter-entry, on the days that the audit had to replay."
    )
    return join(*made, paragraph(note, kind="note"))


def _waits(run: Run) -> list[Cell]:
    if not run.waits:
        return ["", ""]
    places = (ceil(share * len(run.waits)) - 1 for share in (0.5, 0.99))
    return [style.span(run.waits[place]) for place in places]


def new(trend: Trend) -> Html:
    """List what is open in the latest run and was not before, the largest first."""
    return join(*(_list(each, each.last.new, "new") for each in trend.series))


def resolved(trend: Trend) -> Html:
    """List what was open in the run before and is not any more, with what became of it."""
    return join(*(_list(each, each.last.resolved, "resolved") for each in trend.series))


def _list(series: Series, found: Sequence[Finding], word: str) -> Html:
    name = style.brief(series.export, 40)
    if not found:
        return paragraph(f"{name}: nothing {word} in the latest run.", kind="note")
    now = {f.finding_id: f.status for f in series.last.run.breaks}
    shown = tally.biggest(found, _ROWS_MOST)
    rows: list[Sequence[Cell]] = [
        [
            each.finding_id[:8],
            style.brief(each.account_id, 24),
            each.effective_date or each.week_start,
            style.brief(each.entry_id, 24),
            style.words(each.rule),
            style.words(each.cause),
            each.effect,
            style.brief(each.currency, 12),
            pill(now.get(each.finding_id, "gone")),
        ]
        for each in shown
    ]
    titles = ("finding", "account", "day", "entry", "rule", "cause", "effect", "currency", "is now")
    which = f"{name}: {style.count(len(found))} {word}"
    which += f", the {len(shown)} with the largest effect:" if len(shown) < len(found) else ":"
    return join(paragraph(which), table([*map(Column, titles)], rows))
