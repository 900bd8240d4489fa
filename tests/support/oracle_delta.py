"""Replay of the policy delta: every way of pairing counters with late entries is tried."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, combinations, product
from typing import NamedTuple

from oracle_records import (
    UNKNOWN,
    Cost,
    Explanation,
    Judged,
    Row,
    Settings,
    clock_order,
    judge_uncountered,
    surely_before,
    uncountered,
)


class Pairing(NamedTuple):
    """Which counters answer which entries; both in order, the first answers the first."""

    counters: tuple[Row, ...]
    entries: tuple[Row, ...]


def delta_stories(rows: Sequence[Row], settings: Settings) -> tuple[Cost, set[Explanation]]:
    """Explain a unit in which each counter answers one late entry."""
    entries = [r for r in rows if r.kind == "entry"]
    counters = [r for r in rows if r.kind == "counter"]
    bound = _bound(entries, counters)
    free = [e for e in entries if e not in bound.entries]
    unbound = [c for c in counters if c.answers is None]
    choices = [
        _pairings(
            [e for e in free if e.amount == amount],
            [c for c in unbound if c.amount == -amount],
            [c for c in bound.counters if c.amount == -amount],
            settings,
        )
        for amount in sorted({e.amount for e in free})
    ]
    told: list[tuple[int, Explanation]] = []
    for choice in product(*choices):
        pairing = Pairing(
            bound.counters + tuple(c for p in choice for c in p.counters),
            bound.entries + tuple(e for p in choice for e in p.entries),
        )
        told += _tell(entries, counters, pairing, settings)
    least = min(cost for cost, _ in told)
    return (least, 0, 0, 0), {story for cost, story in told if cost == least}


def _bound(entries: Sequence[Row], counters: Sequence[Row]) -> Pairing:
    """Pair by `answers`: of those that name one entry the right amount goes first, then time."""
    pairs = []
    for entry in entries:
        named = [c for c in counters if c.answers == entry.entry_id]
        named = [c for c in named if c.amount == -entry.amount] or named
        pairs += [(min(named, key=clock_order), entry)] if named else []
    return Pairing(tuple(c for c, _ in pairs), tuple(e for _, e in pairs))


def _pairings(
    entries: Sequence[Row], counters: Sequence[Row], bound: Sequence[Row], settings: Settings
) -> list[Pairing]:
    """Pair as many of one amount as the clocks allow; a job once if it can be, then earliest."""
    for size in range(min(len(entries), len(counters)), 0, -1):
        fits = [
            Pairing(cs, es)
            for cs in combinations(counters, size)
            for es in combinations(entries, size)
            if not any(surely_before(c, e, settings.skew) for c, e in zip(cs, es, strict=True))
        ]
        if fits:
            keys = [
                (
                    _repeats([*bound, *p.counters]),
                    [c.recorded_at for c in p.counters],
                    [e.recorded_at for e in p.entries],
                )
                for p in fits
            ]
            return [p for p, key in zip(fits, keys, strict=True) if key == min(keys)]
    return [Pairing((), ())]


def _repeats(counters: Sequence[Row]) -> int:
    jobs = Counter(c.job_id for c in counters if c.job_id)
    return sum(n * (n - 1) // 2 for n in jobs.values())


def _tell(
    entries: Sequence[Row], counters: Sequence[Row], pairing: Pairing, settings: Settings
) -> list[tuple[int, Explanation]]:
    """Judge all counters and entries under one pairing, once per choice of uncountered ones."""
    answer = dict(zip(pairing.counters, pairing.entries, strict=True))
    faults = 0
    judged: list[Judged | None] = []
    for counter in counters:
        cost, judgement = _judge(counter, answer.get(counter), pairing.entries, settings)
        faults += cost
        judged.append(judgement)
    running = list(accumulate(j.effect if j else 0 for j in judged))
    story = frozenset(
        j._replace(status="masked") if 0 in running[i + 1 :] else j
        for i, j in enumerate(judged)
        if j
    )
    unanswered = [e for e in entries if e not in pairing.entries]
    return [
        (faults + len(left), story | {judge_uncountered(e, settings) for e in left})
        for left in uncountered(unanswered)
    ]


def _judge(
    counter: Row, answered: Row | None, all_answered: Sequence[Row], settings: Settings
) -> tuple[int, Judged | None]:
    name, amount = counter.entry_id, counter.amount
    if answered:
        owed = -answered.amount
        if amount == owed:
            return 0, None
        return 1, Judged(name, "wrong", owed, amount - owed, "wrong_counter", UNKNOWN)
    if amount == 0:
        return 0, None
    again = any(
        counter.answers == e.entry_id
        or (e.amount == -amount and not surely_before(counter, e, settings.skew))
        for e in all_answered
    )
    if again:
        cause = frozenset({"repeated_job"})
        return 1, Judged(name, "wrong", 0, amount, "duplicate_counter", cause)
    return 2, Judged(name, "wrong", 0, amount, "orphan_counter", UNKNOWN)
