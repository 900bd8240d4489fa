"""Of the oracle: counter-entries of other weeks that answer once more what is answered at home."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from oracle import late_rows
from oracle_records import Id, Row, Settings, Settlement

MOMENT = timedelta(seconds=2)


def second_answers(
    rows: Sequence[Row],
    settlements: Iterable[Settlement],
    settings: Settings,
    waiting: Collection[str],
    strays: Collection[str],
) -> set[str]:
    """The ids of counter-entries by which money is countered twice, though no settled week is off.

    Args:
        rows: of the ledger.
        settlements: see there.
        settings: of the audit.
        waiting: ids of late entries that nothing in their own week answers.
        strays: ids of counter-entries that answer such a one, and so nothing twice.
    """
    late: dict[Id, date] = {}
    for settlement in settlements:
        week = [
            r
            for r in rows
            if (r.account_id, r.currency) == (settlement.account_id, settlement.currency)
            and _week(r) == settlement.week_start
        ]
        late |= {r.entry_id: settlement.week_start for r in late_rows(settlement, week, settings)}
    timely = {r.entry_id for r in rows if r.kind == "counter" and r.entry_id not in late}
    found = dict[str, list[str]]()
    belongs = set(strays)
    for row in rows:
        if row.entry_id not in timely or not row.amount or str(row.entry_id) in strays:
            continue
        others = [
            r
            for r in rows
            if (r.account_id, r.currency) == (row.account_id, row.currency) and r is not row
        ]
        alike = [r for r in others if _is_before(r, row, settings) and _is_money(r, row)]
        homes = [r for r in alike if r.entry_id in late and late[r.entry_id] != _week(row)]
        homes = [r for r in homes if str(r.entry_id) not in waiting]
        named = any(r.entry_id == row.answers for r in homes)
        own = any(r.kind == "entry" and _week(r) == _week(row) for r in alike)
        by_job = row.answers is None and not own
        by_job = by_job and any(_is_of_job(r, row, settings) for r in homes)
        back = [
            str(r.entry_id)
            for r in others
            if r.amount == -row.amount
            and r.recorded_at >= row.recorded_at
            and (r.kind == "correction" or r.entry_id in timely)
        ]
        may_be = named or (row.answers is None and any(_is_of_job(r, row, settings) for r in homes))
        if may_be:
            belongs.add(str(row.entry_id))
        if named or by_job:
            found[str(row.entry_id)] = back
    # What belongs to a late entry itself takes nothing back.
    return {entry_id for entry_id, back in found.items() if belongs.issuperset(back)}


def _week(row: Row) -> date:
    return row.effective_date - timedelta(days=row.effective_date.weekday())


def _is_before(other: Row, row: Row, settings: Settings) -> bool:
    return row.recorded_at - other.recorded_at > -settings.skew


def _is_money(other: Row, row: Row) -> bool:
    """Whether a row is what another one answers, or an answer to that."""
    return other.amount == (-row.amount if other.kind == "entry" else row.amount)


def _is_of_job(home: Row, row: Row, settings: Settings) -> bool:
    apart = abs(home.recorded_at - row.recorded_at)
    within = settings.grace if home.kind == "entry" else MOMENT
    return home.job_id is not None and home.job_id == row.job_id and apart <= within
