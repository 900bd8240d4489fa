"""Replay of the policy delta: every way of pairing counters with late entries is tried."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, combinations, permutations, product
from typing import NamedTuple

from oracle_records import (
    ANY_CAUSE,
    UNKNOWN,
    Cost,
    Explanation,
    Judged,
    Row,
    Settings,
    answers_in_parts,
    clock_order,
    judge_uncountered,
    reposted,
    surely_before,
    uncountered,
)


class Pairing(NamedTuple):
    """Which counters answer which entries; both in order, the first answers the first.

    Several counters may stand for one entry; `owed` is what each should have been.
    """

    counters: tuple[Row, ...]
    entries: tuple[Row, ...]
    owed: tuple[int, ...]


NONE = Pairing((), (), ())


def delta_stories(
    rows: Sequence[Row], settings: Settings, start: int = 0
) -> tuple[Cost, set[Explanation]]:
    """Explain a unit in which each counter answers one late entry, or is taken back and reposted.

    Args:
        rows: late ones.
        settings: of the profile.
        start: what the unit was off by at its settlement; a counter may offset just that.
    """
    told = _stories(rows, settings, start)
    out = {r for pair in reposted(rows, settings) for r in pair}
    rest = _stories([r for r in rows if r not in out], settings, start) if out else told
    if told[0] == rest[0]:  # what is not explained decides, which is not told here
        return told[0], told[1] | rest[1]
    return min(told, rest, key=lambda each: each[0])


def _stories(rows: Sequence[Row], settings: Settings, start: int) -> tuple[Cost, set[Explanation]]:
    likely = _told(rows, settings, start, any_equal=False)
    every = _told(rows, settings, start, any_equal=True)
    least = min(cost for cost, _ in every)
    told = likely if least in {cost for cost, _ in likely} else every
    return (least, 0, 0, 0), {story for cost, story in told if cost == least}


def _told(
    rows: Sequence[Row], settings: Settings, start: int, *, any_equal: bool
) -> list[tuple[int, Explanation]]:
    """Every story with its cost; `any_equal` as in `_likeliest`."""
    entries = [r for r in rows if r.kind == "entry"]
    every = [r for r in rows if r.kind == "counter"]
    told: list[tuple[int, Explanation]] = []
    ways = [_join(chosen) for chosen in product(*(_named(e, every) for e in entries))]
    offsets = [(b, o) for b in ways for o in _offsetting(every, b, start)]
    for bound, offset in offsets:
        counters = [c for c in every if c is not offset]
        for parts in _in_parts([r for r in rows if r is not offset], bound, settings):
            taken = _join([bound, parts])
            free = [e for e in entries if e not in taken.entries]
            unbound = [c for c in counters if c.answers is None and c not in taken.counters]
            choices = [
                _likeliest(
                    _pairings(
                        [e for e in free if e.amount == amount],
                        [c for c in unbound if c.amount == -amount],
                        [e for e in entries if e.amount == amount],
                        settings,
                    ),
                    [c for c in bound.counters if c.amount == -amount],
                    any_equal=any_equal,
                )
                for amount in sorted({e.amount for e in free})
            ]
            for choice in product(*choices):
                right = _join([taken, *choice])
                for wrong in _with_other_amounts(entries, counters, right, settings):
                    told += _tell(entries, every, _join([right, wrong]), settings, offset)
    return told


def _offsetting(counters: Sequence[Row], bound: Pairing, start: int) -> list[Row | None]:
    """None, or a counter that answers no entry but offsets just what history left."""
    fits = [c for c in counters if start and c.amount == -start and c not in bound.counters]
    return [None, *fits]


def _join(pairings: Iterable[Pairing]) -> Pairing:
    every = list(pairings)
    return Pairing(
        tuple(c for p in every for c in p.counters),
        tuple(e for p in every for e in p.entries),
        tuple(o for p in every for o in p.owed),
    )


def _pair(counters: Sequence[Row], entry: Row) -> Pairing:
    """Let counters whose sum is right answer one entry."""
    return Pairing(tuple(counters), (entry,) * len(counters), tuple(c.amount for c in counters))


def _named(entry: Row, counters: Sequence[Row]) -> list[Pairing]:
    """Pair by `answers`: the fewest that are right together, then those complete first.

    Of several that together are less than owed all are parts of one answer, and the last one is
    wrong by what is missing. What is beyond the first right answer is a second one. Where none is
    right, either the sum of all may be judged or the first one, and the others as second answers.
    """
    named = sorted((c for c in counters if c.answers == entry.entry_id), key=clock_order)
    if not named:
        return [NONE]
    for size in range(1, len(named) + 1):
        fits = [
            places
            for places in combinations(range(len(named)), size)
            if sum(named[k].amount for k in places) == -entry.amount
        ]
        if fits:  # that answer stands which was complete first
            return [_pair([named[k] for k in min(fits, key=lambda ks: ks[::-1])], entry)]
    total = sum(c.amount for c in named)
    signs = {c.amount > 0 for c in named}
    parts = _pair(named, entry)
    whole = parts._replace(owed=(*parts.owed[:-1], -entry.amount - total + named[-1].amount))
    if len(signs) == 1 and signs == {entry.amount < 0} and abs(total) < abs(entry.amount):
        return [whole]
    return [Pairing((named[0],), (entry,), (-entry.amount,)), whole]


def _in_parts(rows: Sequence[Row], bound: Pairing, settings: Settings) -> Iterator[Pairing]:
    """Every way in which counters that name nothing may answer entries several at a time."""
    fits = [
        (some, e)
        for some in answers_in_parts(rows, settings)
        for e in rows
        if e.kind == "entry" and e not in bound.entries and _are_parts(some, e, settings)
    ]
    for size in range(len(fits) + 1):
        for chosen in combinations(fits, size):
            counters = [c for some, _ in chosen for c in some]
            if len(set(counters)) == len(counters) and len({e for _, e in chosen}) == size:
                yield _join(_pair(some, e) for some, e in chosen)


def _are_parts(some: Sequence[Row], entry: Row, settings: Settings) -> bool:
    """Each of the sign of the answer, together what is owed, and none before the entry."""
    return (
        sum(c.amount for c in some) == -entry.amount
        and all((c.amount > 0) != (entry.amount > 0) for c in some)
        and not any(surely_before(c, entry, settings.skew) for c in some)
    )


def _pairings(
    entries: Sequence[Row], counters: Sequence[Row], every: Sequence[Row], settings: Settings
) -> list[Pairing]:
    """Pair as many of one amount as the clocks and jobs allow, in every way."""
    for size in range(min(len(entries), len(counters)), 0, -1):
        fits = [
            Pairing(cs, es, tuple(c.amount for c in cs))
            for cs in combinations(counters, size)
            for es in permutations(entries, size)
            if all(_may_answer(c, e, every, settings) for c, e in zip(cs, es, strict=True))
        ]
        if fits:
            return fits
    return [NONE]


def _likeliest(
    pairings: Sequence[Pairing], bound: Sequence[Row], *, any_equal: bool
) -> list[Pairing]:
    """Those with most of one job; then, unless any will do, a job once, then the earliest."""
    keys = [
        (
            -_of_own_job(p),
            _repeats([*bound, *p.counters]),
            [c.recorded_at for c in p.counters],
            sorted(e.recorded_at for e in p.entries),
        )
        for p in pairings
    ]
    parts = slice(1 if any_equal else None)
    best = min(keys)[parts]
    least = [p for p, key in zip(pairings, keys, strict=True) if key[parts] == best]
    return list({(p.counters, frozenset(p.entries)): p for p in least}.values())


def _with_other_amounts(
    entries: Sequence[Row], counters: Sequence[Row], right: Pairing, settings: Settings
) -> Iterator[Pairing]:
    """Every way in which what is left over may be answers of other amounts than were owed.

    Only as far as the rows say whose answer it is: its sign, and the job or, where a row has none,
    the moment.
    """
    free = [c for c in counters if c not in right.counters and c.answers is None]
    unanswered = [e for e in entries if e not in right.entries]
    for size in range(min(len(free), len(unanswered)) + 1):
        for cs in combinations(free, size):
            for es in permutations(unanswered, size):
                pairs = list(zip(cs, es, strict=True))
                if all(_may_be_meant(c, e, settings) for c, e in pairs):
                    yield Pairing(cs, es, tuple(-e.amount for e in es))


def _may_be_meant(counter: Row, entry: Row, settings: Settings) -> bool:
    if surely_before(counter, entry, settings.skew) or counter.amount == -entry.amount:
        return False
    if (counter.amount > 0) == (entry.amount > 0):
        return False
    if counter.job_id and entry.job_id:
        return counter.job_id == entry.job_id
    return counter.recorded_at - entry.recorded_at <= settings.skew


def _may_answer(counter: Row, entry: Row, every: Sequence[Row], settings: Settings) -> bool:
    """Not what came surely later; and a job that wrote such an entry answers its own ones only."""
    if surely_before(counter, entry, settings.skew):
        return False
    own = [
        e
        for e in every
        if e.job_id and e.job_id == counter.job_id and not surely_before(counter, e, settings.skew)
    ]
    return not own or entry in own


def _of_own_job(pairing: Pairing) -> int:
    """How many counters answer an entry that their own job wrote."""
    pairs = zip(pairing.counters, pairing.entries, strict=True)
    return sum(c.job_id is not None and c.job_id == e.job_id for c, e in pairs)


def _repeats(counters: Sequence[Row]) -> int:
    jobs = Counter(c.job_id for c in counters if c.job_id)
    return sum(n * (n - 1) // 2 for n in jobs.values())


def _tell(
    entries: Sequence[Row],
    counters: Sequence[Row],
    pairing: Pairing,
    settings: Settings,
    offset: Row | None,
) -> list[tuple[int, Explanation]]:
    """Judge all counters and entries under one pairing, once per choice of uncountered ones."""
    owed = dict(zip(pairing.counters, pairing.owed, strict=True))
    free = [c for c in counters if c not in owed and c is not offset]
    told = []
    for again in _again(free, pairing.entries, settings):
        # Several rows that are one second answer are one fault.
        faults = 1 - len(again) if again else 0
        judged: list[Judged | None] = []
        for counter in counters:
            if counter is offset:
                effect, rule = counter.amount, "compensating_counter"
                name, role = counter.entry_id, "compensating"
                judged.append(Judged(name, role, 0, effect, rule, ANY_CAUSE, "masked"))
                continue
            answered = pairing.entries
            cost, judgement = _judge(counter, owed.get(counter), answered, settings)
            if counter in again:
                cost, judgement = 1, _second(counter)
            elif judgement and judgement.rule == "orphan_counter" and _is_part(counter, owed):
                judgement = _second(counter)
            faults += cost
            judged.append(judgement)
        running = list(accumulate(j.effect if j else 0 for j in judged))
        story = frozenset(
            j._replace(status="masked") if 0 in running[i + 1 :] else j
            for i, j in enumerate(judged)
            if j
        )
        unanswered = [e for e in entries if e not in pairing.entries]
        told += [
            (faults + len(left), story | {judge_uncountered(e, settings) for e in left})
            for left in uncountered(unanswered)
        ]
    return told


def _again(
    free: Sequence[Row], answered: Sequence[Row], settings: Settings
) -> list[tuple[Row, ...]]:
    """None, or rows of one moment that together answer what was answered already."""
    return [
        (),
        *(
            some
            for some in answers_in_parts(free, settings)
            if any(_are_parts(some, e, settings) for e in answered)
        ),
    ]


def _is_part(counter: Row, owed: Mapping[Row, int]) -> bool:
    """Whether a counter has the amount of a right one before it: a part of an answer."""
    return any(
        part.amount == due == counter.amount and clock_order(part) < clock_order(counter)
        for part, due in owed.items()
    )


def _second(counter: Row) -> Judged:
    amount, cause = counter.amount, frozenset({"repeated_job"})
    return Judged(counter.entry_id, "wrong", 0, amount, "duplicate_counter", cause)


def _judge(
    counter: Row, owed: int | None, all_answered: Sequence[Row], settings: Settings
) -> tuple[int, Judged | None]:
    name, amount = counter.entry_id, counter.amount
    if amount == (owed or 0):
        return 0, None
    again = any(
        counter.answers == e.entry_id
        or (e.amount == -amount and not surely_before(counter, e, settings.skew))
        for e in all_answered
    )
    alone = 1 if again else 2
    if owed is not None:
        # Without `answers` nothing explains its amount.
        cost = 1 if counter.answers is not None else 2
        return cost, Judged(name, "wrong", owed, amount - owed, "wrong_counter", UNKNOWN)
    if again:
        return alone, _second(counter)
    return alone, Judged(name, "wrong", 0, amount, "orphan_counter", UNKNOWN)
