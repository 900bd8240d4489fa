"""An incident, a piece for each cell: since when, by which jobs, which weeks and accounts."""

from typing import Final

from settle_core import chart, story, style
from settle_core.incident import Incident, Reach, groups, moments, neighbours, reach
from settle_core.table import Cell, Column, Html, join, paragraph, pill, sheet, table, tiles

_ROWS_MOST: Final = 20


def headline(incident: Incident) -> Html:
    """Name the incident and say in one line what it did."""
    run = incident.run
    name = style.words(incident.cause or "any incident")
    meta = f"Export {run.export_name}, as of {style.instant(run.as_of)}."
    title = Html(f"<h1>{join(f'What did {name} touch?').text}</h1>")
    word = pill(run.verdict)
    foot = paragraph(meta, kind="meta")
    if not incident.breaks:
        none = story.none(run, f"Nothing: no break has the cause {name}")
        if not incident.cause:
            none = story.none(run, "Nothing: no wrong or missing counter-entry")
        return join(sheet(), title, paragraph(word, " ", none, kind="answer"), foot)
    entries = style.count(len(incident.breaks), "break")
    weeks = {(each.account_id, each.currency, each.week_start) for each in incident.breaks}
    accounts = style.count(len({each.account_id for each in incident.breaks}), "account")
    said = f"{entries} in {style.count(len(weeks), 'settled week')} of {accounts}"
    meaning = story.CAUSES.get(incident.cause, "")
    answer = paragraph(word, f" {said}: {meaning}.", kind="answer")
    return join(sheet(), title, answer, foot)


def figures(incident: Incident) -> Html:
    """Give net, gross, entries, jobs and what is masked, for each currency."""
    made = []
    for currency in incident.currencies:
        ours = [each for each in incident.breaks if each.currency == currency]
        total = reach(ours)
        jobs = len({each.job_id for each in ours if each.job_id})
        unit = f", {style.brief(currency, 12)}"
        items = [
            ([style.amount(total.net)], f"still off, net{unit}", "bad" if total.net else ""),
            ([style.amount(total.gross)], f"gross, masked included{unit}", ""),
            ([style.count(total.entries)], "breaks", ""),
            ([style.count(total.masked)], "of these masked", "amber" if total.masked else ""),
            ([style.count(jobs)], "jobs", ""),
            ([style.count(total.accounts)], "accounts", ""),
        ]
        made.append(tiles(items))
    return join(*made)


def since(incident: Incident) -> Html:
    """Say since when until when, and how many counter-entries of that time were touched."""
    timed = [each for each in incident.breaks if each.recorded_at is not None]
    total = reach(timed)
    if total.first is None or total.last is None:
        return _none(incident)
    rows: list[list[Cell]] = [
        [
            name,
            each.recorded_at,
            style.brief(each.entry_id, 24),
            style.brief(each.account_id, 24),
            each.effective_date or each.week_start,
            each.effect,
            style.brief(each.currency, 12),
            style.brief(each.job_id, 12),
        ]
        for name, each in (("first bad", timed[0]), ("last bad", timed[-1]))
    ]
    before, within, after = neighbours(incident)
    wrong = sum(each.rule != "uncountered_entry" for each in timed)
    said = (
        f"From the first to the last: {style.span((total.last - total.first).total_seconds())}. "
        f"In that time {style.count(within, 'counter-entry was', 'counter-entries were')} "
        f"recorded, {style.count(wrong)} of them wrong by this cause; "
        f"{style.count(before)} came before and {style.count(after)} after."
    )
    titles = ("", "recorded at", "entry", "account", "for the day", "effect", "currency", "job")
    return join(table([*map(Column, titles)], rows), paragraph(said))


def _none(incident: Incident) -> Html:
    return paragraph(story.none(incident.run, "No break to tell of"), kind="note")


def jobs(incident: Incident) -> Html:
    """Show which jobs are behind it, and how many are behind more than one break."""
    if not incident.breaks:
        return _none(incident)
    made = []
    for currency in incident.currencies:
        ours = groups(incident.within(currency), lambda each: each.job_id)
        rows = [(job or None, each.entries, each.net_all) for job, each in ours]
        made.append(_figure(chart.by_job(rows, currency).svg, "chart"))
        again = sum(each.entries > 1 for job, each in ours if job)
        said = f"{style.count(again, 'job is', 'jobs are')} behind more than one break."
        made.append(paragraph(said, kind="note"))
    return join(*made)


def _figure(svg: str, kind: str) -> Html:
    return Html(f'<figure class="{kind}">{svg}</figure>')


def over_time(incident: Incident) -> Html:
    """Show how it built up; what a later counter-entry took back counts in gross alone."""
    charts = [
        _figure(chart.residual_over_time(found, currency).svg, "broad")
        for currency in incident.currencies
        if (found := moments(incident.within(currency)))
    ]
    return join(*charts) if charts else _none(incident)


def weeks(incident: Incident) -> Html:
    """List the weeks that it reached, over all accounts."""
    return _groups(incident, "week beginning", "week_start", "accounts")


def accounts(incident: Incident) -> Html:
    """List the accounts that it reached, the most affected first."""
    return _groups(incident, "account", "account_id", "weeks")


def _groups(incident: Incident, title: str, field: str, other: str) -> Html:
    if not incident.breaks:
        return _none(incident)
    rows: list[list[Cell]] = []
    hidden = 0
    for currency in incident.currencies:
        found = groups(incident.within(currency), lambda each: getattr(each, field))
        hidden += max(len(found) - _ROWS_MOST, 0)
        shown = found[:_ROWS_MOST]
        if field == "week_start":
            shown.sort()
        rows += [_row(name, each, getattr(each, other), currency) for name, each in shown]
    titles = [title, "breaks", other, "masked", "still off, net", "gross", "currency"]
    columns = [Column(each) for each in [*titles, "first recorded", "last recorded"]]
    note = f"And {style.count(hidden)} more with smaller effects." if hidden else ""
    return join(table(columns, rows), paragraph(note, kind="note") if note else "")


def _row(name: Cell, each: Reach, others: int, currency: str) -> list[Cell]:
    name = style.brief(name, 24) if isinstance(name, str) else name
    counts: list[Cell] = [name, each.entries, others, each.masked]
    return [*counts, each.net, each.gross, style.brief(currency, 12), each.first, each.last]


def evidence(incident: Incident) -> Html:
    """Say by which rules it was found, how sure its cause is, and the first explanation of each."""
    rows: list[list[Cell]] = []
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in incident.breaks:
        key = each.rule, each.evidence, each.status
        found.setdefault(key, []).append(each.explanation)
    for (rule, sure, status), said in sorted(found.items(), key=lambda item: -len(item[1])):
        rows.append([style.words(rule), sure, pill(status), len(said), style.prose(said[0])])
    titles = [Column(each) for each in ("rule", "evidence", "status", "breaks")]
    columns = [*titles, Column("the first of them", is_wide=True)]
    return table(columns, rows) if rows else _none(incident)


def put_right(incident: Incident) -> Html:
    """Say how many entries are proposed to put it right, and what they come to."""
    proposed = incident.corrections
    if not proposed:
        return paragraph(story.none(incident.run, "No correction is proposed for this"))
    sums = [
        f"{style.signed(total)} {style.brief(currency, 12)}"
        for currency in incident.currencies
        if (total := sum(each.amount for each in proposed if each.currency == currency))
    ]
    count = style.count(len(proposed), "entry is", "entries are")
    said = f"{count} proposed, {', '.join(sums)} in all. Mend the cause before posting them."
    return paragraph(said)
