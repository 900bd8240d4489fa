"""The pieces of the report, one for each cell of the workpaper, in the order of reading.

The question and the answer first; then where, why, since when, what was read and what to do; then
the worst findings with their walks; then all of them, and how it was found out.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from settle_core import formats
from settle_core.audit.audit import Audit
from settle_core.audit.disposition import Disposition
from settle_core.logs.scanned import told as logs_told
from settle_core.report import aggregates, narrative
from settle_core.report.charts import heat_map, zoom
from settle_core.report.charts.timeline import residual_over_time
from settle_core.report.charts.zoom import Zoomed
from settle_core.report.details import (
    FINDINGS_MOST,
    appendix,
    findings,
    other_walks,
    rules,
    walks,
    worst,
)
from settle_core.report.html import (
    Cell,
    Column,
    Html,
    Moving,
    figure,
    file_link,
    folded,
    join,
    link,
    paragraph,
    pill,
    sheet,
    strong,
    table,
    tiles,
)
from settle_core.report.page import page

_LONGEST = 24
_CHANGED_MOST = 20
# What needs a look comes first.
_ORDER = ("differs", "unmatched", "expired", "accepted")


def accepted(audit: Audit) -> Html:
    """List the acceptances: those that hold no longer first."""
    if audit.accepted is None:
        return paragraph("No file of dispositions was given.", kind="note")
    holds = sum(each.state == "accepted" for each in audit.dispositions)
    lapsed = len(audit.dispositions) - holds
    said = formats.count(holds, "acceptance holds", "acceptances hold")
    said += f", {formats.count(lapsed)} no longer" if lapsed else ""
    name = formats.brief(Path(audit.accepted.path).name, _LONGEST)
    intro = paragraph(f"{name}: {said}, as of {formats.instant(audit.as_of)}.", kind="note")
    if not audit.dispositions:
        return intro
    ranked = sorted(audit.dispositions, key=lambda each: _ORDER.index(each.state))
    columns = [Column(title) for title in ("finding", "account", "week", "rule", "state", "effect")]
    columns += [Column("author"), Column("until"), Column("reason", is_wide=True)]
    return join(intro, table(columns, [_row(audit, each) for each in ranked]))


def changed(audit: Audit) -> Html:
    """Tell what is new and what is resolved since the run before, the most severe first."""
    since = audit.since
    if since is None:
        return paragraph("There is no earlier run of this export to compare with.", kind="note")
    counts = (
        f"{formats.count(len(since.new))} new, {formats.count(len(since.persisting))} persisting"
    )
    as_of = formats.instant(datetime.fromisoformat(since.as_of).replace(tzinfo=None))
    said = f"Since run {since.run}, as of {as_of}: {counts}, "
    intro = paragraph(f"{said}{formats.count(len(since.resolved))} resolved.", kind="note")
    ranked = [
        ("new" if f in since.new else "resolved", f)
        for f in aggregates.biggest((*since.new, *since.resolved), _CHANGED_MOST)
    ]
    if not ranked:
        return intro
    accounts = formats.apart([f.account_id for _, f in ranked], _LONGEST)
    rows: list[Sequence[Cell]] = [
        [
            state,
            accounts[f.account_id],
            formats.day(f.effective_date or f.week_start),
            formats.brief(f.entry_id, _LONGEST),
            formats.words(f.rule),
            pill(f.status),
            f.effect,
            formats.brief(f.currency, 12),
        ]
        for state, f in ranked
    ]
    titles = ("since then", "account", "day", "entry", "rule", "status", "effect", "currency")
    left = len(since.new) + len(since.resolved) - len(rows)
    more = (
        [paragraph(f"{formats.count(left)} more: see manifest.json.", kind="note")] if left else []
    )
    return join(intro, table([Column(title) for title in titles], rows), *more)


def _row(audit: Audit, each: Disposition) -> Sequence[Cell]:
    given = each.acceptance
    found = next((f for f in audit.findings if f.finding_id == given.finding_id), None)
    note = "" if each.state in {"accepted", "expired"} else f" {each.note}"
    shown = formats.brief(given.finding_id, 9)
    return [
        link(shown, f"finding-{given.finding_id}") if found else shown,
        formats.brief(found.account_id, _LONGEST) if found else "",
        formats.day(found.week_start) if found else "",
        formats.words(found.rule) if found else "",
        pill(each.state),
        found.effect if found else None,
        formats.brief(given.author, _LONGEST),
        formats.day(given.expires),
        f"{given.reason}{note}",
    ]


__all__ = [
    "accepted",
    "appendix",
    "changed",
    "figures",
    "findings",
    "headline",
    "other_walks",
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
_ACCOUNTS_MOST = 500  # that are listed below the heat map
_LINES_MOST = 4  # currencies in a tile


def headline(audit: Audit) -> Html:
    """Ask the question, and give the verdict as a word."""
    limits = audit.limits
    weeks = f"beginning {formats.day(limits.first_week)}"
    if limits.last_week != limits.first_week:
        weeks += f" to {formats.day(limits.last_week)}"
    accounts = formats.count(audit.accounts, "account")
    scope = f"{formats.count(audit.settled_weeks, 'settled week')} of {accounts} {weeks}"
    meta = f"Export {audit.export_name}: {scope}, as of {formats.instant(audit.as_of)}."
    title = Html(f"<h1>{join(narrative.QUESTION).text}</h1>")
    answer = paragraph(pill(audit.verdict), " ", narrative.answer(audit), kind="answer")
    return join(sheet(), title, answer, paragraph(meta, kind="meta"))


def told(audit: Audit) -> Html:
    """Tell the whole story in one paragraph."""
    return paragraph(" ".join(narrative.story(audit)), kind="story")


def figures(audit: Audit) -> Html:
    """Give the figures that the story turns on, as a strip."""
    wrong = aggregates.wrong_counters(audit.findings)
    masked = [finding for finding in wrong if finding.status == "masked"]
    unit = f", {formats.brief(audit.currencies[0], 12)}" if len(audit.currencies) == 1 else ""
    refused = sum(each.rows_rejected for each in audit.inputs)
    rows = sum(each.rows_read for each in audit.inputs)
    missing = aggregates.not_answered(audit.findings)
    waiting = [finding for finding in missing if finding.status == "pending"]
    items: list[tuple[Sequence[str], str, str]] = [
        (_by_currency(audit, aggregates.net), f"open, net{unit}", ""),
        (_by_currency(audit, aggregates.gross), f"gross, masked included{unit}", ""),
        ([formats.count(len(wrong))], "wrong counter-entries", "bad" if wrong else ""),
        ([formats.count(len(masked))], "of these masked", "amber" if masked else ""),
    ]
    if waiting:
        items.append(([formats.count(len(waiting))], "late entries still waiting", "wait"))
    if len(missing) > len(waiting):
        lost = formats.count(len(missing) - len(waiting))
        items.append(([lost], "late entries not answered", "bad"))
    if refused:
        items.append(([formats.count(refused)], f"of {formats.count(rows)} rows rejected", "bad"))
    else:
        state = "" if audit.verdict == "incomplete" else "good"
        items.append(([formats.count(rows)], "rows read, all accepted", state))
    return tiles(items)


def _by_currency(audit: Audit, figure: Callable[[Audit, str], Decimal]) -> list[str]:
    currencies = aggregates.currencies(audit)
    if len(currencies) == 1:
        return [formats.amount(figure(audit, currencies[0]))]
    values = [
        f"{formats.amount(figure(audit, each))} {formats.brief(each, 12)}" for each in currencies
    ]
    more = [f"and {len(values) - _LINES_MOST} more"] if len(values) > _LINES_MOST else []
    return values[:_LINES_MOST] + more


def where(audit: Audit, weeks: Sequence[date]) -> Html:
    """Show which accounts' weeks are off, for each currency.

    Args:
        audit: the audit.
        weeks: the first days of all settled weeks, in order.
    """
    ranked = aggregates.biggest(audit.findings, len(audit.findings))
    found = {
        currency: cells
        for currency in aggregates.currencies(audit)
        if (cells := aggregates.cells(audit, currency, ranked[:FINDINGS_MOST]))
    }
    drawn = {name: heat_map.heat_map(cells, name, weeks).svg for name, cells in found.items()}
    is_known = not audit.weeks_off and audit.verdict != "incomplete"
    otherwise = "No settled week is off." if is_known else "Nothing to show."
    shown = join(_charts(drawn, otherwise, "chart"), _other_accounts(audit, found))
    if len(found) > 1 or not found:
        return shown
    ((currency, cells),) = found.items()
    ids: defaultdict[tuple[str, date], list[str]] = defaultdict(list)
    for each in ranked:
        if each.currency == currency:
            ids[each.account_id, each.week_start].append(each.finding_id)
    return Moving(shown.text, zoom.heat_map(cells, currency, ids), drawn[currency])


def _other_accounts(audit: Audit, cells_of: Mapping[str, Sequence[heat_map.Cell]]) -> Html:
    """List the accounts that the heat map leaves out, the most affected first, and add them up."""
    rows: list[Sequence[Cell]] = []
    said = []
    for currency, cells in list(cells_of.items())[:_CHARTS_MOST]:
        zero = aggregates.zero(audit, currency)
        by_account: dict[str, list[heat_map.Cell]] = {
            account: [] for account in heat_map.most_affected(cells)[heat_map.ACCOUNTS_MOST :]
        }
        for cell in cells:
            if cell.account_id in by_account:
                by_account[cell.account_id].append(cell)
        unit = formats.brief(currency, 12)
        if left := [cell.residual for found in by_account.values() for cell in found]:
            net = formats.amount(sum(left, zero))
            said.append(f"{formats.count(len(left), 'week')}, {net} {unit} net")
        names = formats.apart(by_account, _LONGEST)
        for account, found in by_account.items():
            total = sum((c.residual for c in found), zero)
            href = next((cell.href for cell in found if cell.href), "")
            name = names[account]
            where = link(name, href.removeprefix("#")) if href else name
            rows.append([where, len(found), total, unit])
    if not rows:
        return Html("")
    titles = [Column(title) for title in ("account", "weeks", "residual", "currency")]
    others = formats.count(len(rows) - _ACCOUNTS_MOST)
    more = paragraph(
        f"{others} more, each with its weeks in ", file_link("findings.csv"), kind="note"
    )
    shown = table(titles, rows[:_ACCOUNTS_MOST])
    which = formats.count(len(rows), "other account", "other accounts")
    which += f": {'; '.join(said)}"
    return folded(which, shown, *([more] if len(rows) > _ACCOUNTS_MOST else []))


def over_time(audit: Audit) -> Html | Zoomed:
    """Show how the residual of all settled weeks came about, for each currency.

    One chart alone can be moved and enlarged in JupyterLab.
    """
    found = {
        currency: moments
        for currency in aggregates.currencies(audit)
        if (moments := aggregates.over_time(audit, currency))
    }
    drawn = {name: residual_over_time(each, name).svg for name, each in found.items()}
    if len(found) == 1:
        ((currency, moments),) = found.items()
        if moments[0][0] < moments[-1][0]:
            return zoom.over_time(drawn[currency], moments, currency)
    otherwise = narrative.none(audit, "Nothing was off at any time")
    return _charts(drawn, otherwise, "broad")


def _charts(drawn: Mapping[str, str], otherwise: str, kind: str) -> Html:
    if not drawn:
        return paragraph(otherwise, kind="note")
    made: list[Html] = [figure(svg, kind) for svg in list(drawn.values())[:_CHARTS_MOST]]
    if others := list(drawn)[_CHARTS_MOST:]:
        more = formats.count(len(others), "more currency", "more currencies")
        named = formats.brief(", ".join(others), 80)
        made.append(paragraph(f"{more} ({named}): see the findings.", kind="note"))
    return join(*made)


def why(audit: Audit) -> Html:
    """List the causes with their evidence."""
    rows: list[Sequence[Cell]] = []
    for currency in aggregates.currencies(audit):
        for cause, evidence, number, effect in aggregates.causes(audit, currency):
            meaning = narrative.CAUSES.get(cause, "")
            said = join(strong(formats.words(cause)), f": {meaning}" if meaning else "")
            unit = [formats.brief(currency, 12)] if len(audit.currencies) > 1 else []
            rows.append([said, evidence, number, effect, *unit])
    if not rows:
        return paragraph(narrative.none(audit, "No wrong or missing counter-entry"))
    columns = [Column("cause", is_wide=True), Column("evidence"), Column("findings")]
    return table([*columns, *_money(audit, "effect")], rows)


def _money(audit: Audit, title: str) -> list[Column]:
    if len(audit.currencies) == 1:
        return [Column(f"{title}, {formats.brief(audit.currencies[0], 12)}")]
    return [Column(title), Column("currency")]


def since(audit: Audit) -> Html:
    """Say when it began and ended."""
    return paragraph(narrative.since(audit))


def read(audit: Audit) -> Html:
    """Say what was read, and how it was understood."""
    rows: list[Sequence[Cell]] = []
    for each in audit.inputs:
        refused = f"{formats.count(each.rows_rejected)} rejected" if each.rows_rejected else ""
        state = strong(refused) if refused else "all accepted"
        aside = f", {formats.count(each.rows_set_aside)} set aside" if each.rows_set_aside else ""
        counted = join(formats.count(each.rows_read, "row"), ", ", state, aside)
        digest = f"sha256 {each.sha256[:4]}{formats.DOTS}{each.sha256[-4:]}"
        rows.append([each.name, counted, digest])
    restored = paragraph(narrative.restores(audit), kind="note")
    agreed = paragraph(narrative.agreement(audit), kind="note")
    notes = [paragraph(text, kind="note") for text in narrative.set_aside(audit)]
    made = table([Column("")] * 3, rows, is_bare=True)
    return join(made, logs(audit), agreed, *notes, guessed(audit), restored)


def logs(audit: Audit) -> Html:
    """Say what was read of each log that was given, and what keeps it from proving anything."""
    if audit.logs is None:
        return join()
    rows: list[Sequence[Cell]] = []
    for name, said, left, period in logs_told.rows(audit.logs.sources):
        state = left if left == logs_told.ALL else strong(left)
        rows.append([name, join(said, ", " if said else "", state), period])
    made = table([Column("")] * 3, rows, is_bare=True)
    notes = [paragraph(f"Not whole: {doubt}.", kind="note") for doubt in audit.logs.doubts]
    return join(made, *notes)


def guessed(audit: Audit) -> Html:
    """List what a first profile guessed and nobody confirmed, and by what; all else was told."""
    profile = audit.ledger.profile
    if not profile.guessed:
        return join()
    count = formats.count(len(profile.guessed), "line")
    name = formats.brief(Path(profile.name).name, _LONGEST)
    intro = f"Guessed, not told: {count} of the profile {name}. "
    how = "Whoever knows it is so takes GUESSED away from the line."
    rows: list[Sequence[Cell]] = [
        [each.key, formats.brief(each.value, 60), formats.brief(each.why, 200)]
        for each in profile.guessed
    ]
    columns = [Column("key"), Column("guessed value"), Column("by what", is_wide=True)]
    return join(paragraph(strong(intro), how, kind="note"), table(columns, rows))


def put_right(audit: Audit) -> Html:
    """Say which entries would put it right."""
    proposed = narrative.put_right(audit)
    masked = " Masked days need none." if any(f.status == "masked" for f in audit.findings) else ""
    if not proposed:
        return paragraph(f"{narrative.none(audit, 'No entry is proposed')}{masked}")
    end = f". Proposed, not posted.{masked}"
    how = paragraph(
        "As rows to import: ",
        strong("settle correct RUN --out F"),
        ". Right as it is: ",
        strong("settle accept RUN FINDING"),
        ", ready to copy at each finding below. Mend the cause first.",
        kind="note",
    )
    return join(paragraph(proposed, ": ", file_link("corrections.csv"), end), how)
