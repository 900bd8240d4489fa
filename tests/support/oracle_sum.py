"""Replay of the policy sum: every allowed order and every unseen set is tried."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import cache
from itertools import combinations

from oracle_records import (
    ANY_CAUSE,
    UNKNOWN,
    Cost,
    Explanation,
    Id,
    Judged,
    Row,
    Settings,
    clock_order,
    judge_uncountered,
    reposted,
    surely_before,
    told_of,
    uncountered,
    whole_answers,
)

# What is placed, what waits for an answer, what history left; the cost, and the stories.
States = dict[tuple[int, int, int], tuple[Cost, set[Explanation]]]


def _members(mask: int) -> list[int]:
    """List the numbers of the bits that are set."""
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def sum_stories(
    rows: tuple[Row, ...], settings: Settings, start: int
) -> tuple[Cost, set[Explanation]]:
    """Explain a unit, with or without what was taken back and posted again."""
    told = _stories(rows, settings, start)
    out = {r for pair in reposted(rows, settings) for r in pair}
    rest = _stories(tuple(r for r in rows if r not in out), settings, start) if out else told
    return min(told, rest, key=lambda each: each[0])


def _stories(
    rows: tuple[Row, ...], settings: Settings, start: int
) -> tuple[Cost, set[Explanation]]:
    """Explain a unit, whichever rows are one answer: the least cost of all, and its stories.

    An answer in several rows is one row where its last one stands, when it was complete. Unless
    that leaves no fault, rows of which one of each amount was all that was owed are the same answer
    again.
    """
    answers = whole_answers(rows, settings)
    alone = _walks(rows, settings, start)
    every = _with_answers(rows, settings, start, answers)
    if not every[0][0] or not answers:
        return every
    agains = [frozenset(some for some in answers if _is_again(some, s)) for s in alone[1]]
    ways = [
        _with_answers(rows, settings, start, [some for some in answers if some not in again])
        for again in set(agains)
    ]
    least = min(cost for cost, _ in ways)
    return least, {story for cost, stories in ways if cost == least for story in stories}


def _is_again(some: Sequence[Row], story: Explanation) -> bool:
    """Whether a story without answers in several rows needs but one of each amount."""
    faulty = {judged.entry_id for judged in story}
    amounts = {r.amount for r in some}
    return len(amounts) < len(some) and amounts == {
        r.amount for r in some if r.entry_id not in faulty
    }


def _with_answers(
    rows: tuple[Row, ...],
    settings: Settings,
    start: int,
    answers: Sequence[tuple[Row, ...]],
) -> tuple[Cost, set[Explanation]]:
    """The least cost of all choices of answers in several rows, and its stories."""
    found: list[tuple[Cost, set[Explanation]]] = []
    for size in range(len(answers) + 1):
        for some in combinations(answers, size):
            whole = {max(parts, key=clock_order).entry_id: parts for parts in some}
            absent = {r for parts in some for r in parts if r.entry_id not in whole}
            taken = tuple(
                r._replace(amount=sum(part.amount for part in whole.get(r.entry_id, (r,))))
                for r in rows
                if r not in absent
            )
            cost, stories = _walks(taken, settings, start)
            found.append((cost, {_in_rows(story, whole, rows, settings) for story in stories}))
    least = min(cost for cost, _ in found)
    return least, {story for cost, stories in found if cost == least for story in stories}


def _in_rows(
    story: Explanation, whole: dict[Id, tuple[Row, ...]], rows: Sequence[Row], settings: Settings
) -> Explanation:
    """Tell of a row what is wrong with its answer; of all of them where nothing was owed.

    An orphan that has the amount of a right part before it is that part once more.
    """

    def told(judged: Judged) -> list[Judged]:
        if judged.entry_id not in whole:
            return [judged]
        parts = whole[judged.entry_id]
        if not judged.expected:
            return [judged._replace(entry_id=r.entry_id, effect=r.amount) for r in parts]
        row = told_of(parts, judged.effect)
        return [judged._replace(entry_id=row.entry_id, expected=row.amount - judged.effect)]

    plain = [each for judged in story for each in told(judged)]
    faulty = {each.entry_id for each in plain}
    parts = [r for some in whole.values() for r in some if r.entry_id not in faulty]
    by_id = {r.entry_id: r for r in rows}
    again = []
    for each in plain:
        row = by_id[each.entry_id]
        before = [r for r in parts if r.amount == row.amount and clock_order(r) < clock_order(row)]
        if each.rule == "orphan_counter" and not each.expected and before:
            causes = _causes(row, [min(before, key=clock_order)], settings.skew)
            each = each._replace(rule="duplicate_counter", causes=causes)  # noqa: PLW2901
        again.append(each)
    return frozenset(again)


def _walks(rows: tuple[Row, ...], settings: Settings, start: int) -> tuple[Cost, set[Explanation]]:
    """Walk all allowed orders at once: the cost so far depends on what is placed, not how.

    A set of rows is a number, its bit i standing for row i.
    """
    first = _sets(rows, lambda x, y: surely_before(x, y, settings.skew))
    should = _sets(rows, lambda x, y: _should_precede(x, y, by_id=settings.ids_are_sequence))
    earlier = _sets(rows, lambda x, y: x.kind != y.kind and x.recorded_at < y.recorded_at)
    total = _totals(rows)
    judge = _judge_of(rows, start, total, settings.skew)
    front: States = {(0, 0, start): ((0, 0, 0, 0), {frozenset()})}
    for _ in rows:
        following: States = {}
        for (placed, unanswered, off), (cost, stories) in front.items():
            for i, row in enumerate(rows):
                after = placed | 1 << i
                if after == placed or first[i] & ~placed:
                    continue
                turned = (should[i] & ~placed).bit_count()
                early = (earlier[i] & ~placed).bit_count()
                spent = _add(cost, (turned, 0, turned, early))
                state, told = (after, unanswered | 1 << i, off), stories
                if row.kind == "counter":
                    fault, unseen, judged = judge(i, placed, unanswered, off)
                    spent = _add(spent, (fault, unseen, 0, 0))
                    offsets = judged is not None and judged.effect == -off
                    state = after, 0, 0 if offsets else off
                    told = {_tell(s, judged, healed=total[after] == 0) for s in stories}
                _keep(following, state, spent, told)
        front = following
    return _end(rows, settings, front)


def _end(
    rows: tuple[Row, ...],
    settings: Settings,
    front: States,
) -> tuple[Cost, set[Explanation]]:
    """Add what no counter answers, and keep the least cost of all."""
    ends: States = {}
    for (_, unanswered, _), (cost, stories) in front.items():
        for left in uncountered([rows[i] for i in _members(unanswered)]):
            more = frozenset(judge_uncountered(r, settings) for r in left)
            _keep(ends, (0, 0, 0), _add(cost, (len(left), 0, 0, 0)), {s | more for s in stories})
    return ends[0, 0, 0]


def _sets(rows: Sequence[Row], holds: Callable[[Row, Row], bool]) -> list[int]:
    """Give for each row y the set of rows x for which holds(x, y)."""
    return [sum(1 << j for j, x in enumerate(rows) if holds(x, y)) for y in rows]


def _should_precede(x: Row, y: Row, *, by_id: bool) -> bool:
    if x.kind != "counter" or y.kind != "counter":
        return False
    if by_id:
        assert isinstance(x.entry_id, int), "only integers come from a sequence"
        assert isinstance(y.entry_id, int), "only integers come from a sequence"
        return x.entry_id < y.entry_id
    return x.recorded_at < y.recorded_at


def _totals(rows: Sequence[Row]) -> list[int]:
    totals = [0]
    for row in rows:
        totals += [t + row.amount for t in totals]
    return totals


def _add(a: Cost, b: Cost) -> Cost:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


def _keep(
    states: States,
    state: tuple[int, int, int],
    cost: Cost,
    stories: Iterable[Explanation],
) -> None:
    if state not in states or cost < states[state][0]:
        states[state] = cost, set(stories)
    elif cost == states[state][0]:
        states[state][1].update(stories)


def _tell(story: Explanation, judged: Judged | None, *, healed: bool) -> Explanation:
    """Add one judgement; where the effects so far are back at zero, what came before is masked."""
    if healed:
        story = frozenset(j._replace(status="masked") for j in story)
    return story | {judged} if judged else story


def _judge_of(
    rows: tuple[Row, ...], start: int, total: list[int], skew: timedelta
) -> Callable[[int, int, int, int], tuple[int, int, Judged | None]]:
    """Make the judge of an answer: (faults, unseen rows, judgement or None where it is right)."""
    counters = sum(1 << j for j, r in enumerate(rows) if r.kind == "counter")
    has_entry = any(r.kind == "entry" for r in rows)

    @cache
    def unseen_sets(placed: int, missing: int) -> tuple[list[int], bool]:
        without: list[int] = []
        for size in range(1, placed.bit_count() + 1):
            sets = map(sum, combinations([1 << j for j in _members(placed)], size))
            fits = [u for u in sets if total[u] == missing]
            with_counter = [u for u in fits if u & counters]
            if with_counter:  # unless a counter and what it answers cancel out in them
                idle = without and size >= without[0].bit_count() + 2
                return (without, False) if idle else (with_counter, True)
            without = without or fits
        return without, False

    @cache
    def judge(i: int, placed: int, unanswered: int, off: int) -> tuple[int, int, Judged | None]:
        counter = rows[i]
        residual = start + total[placed]
        owed = -total[unanswered]
        effect = counter.amount - owed
        if effect == 0:
            return 0, 0, None
        name, expected = counter.entry_id, owed
        if counter.amount == -residual or effect == -off:  # all that is off, or what history left
            rule = "compensating_counter"
            return 0, 0, Judged(name, "compensating", expected, effect, rule, ANY_CAUSE, "masked")
        unseen, explained = unseen_sets(placed, residual + counter.amount)
        rule = "wrong_counter"
        if owed == 0:
            rule = "duplicate_counter" if has_entry and unseen else "orphan_counter"
        causes = UNKNOWN
        if explained:
            causes = frozenset().union(
                *(_causes(counter, [rows[j] for j in _members(u)], skew) for u in unseen)
            )
        judged = Judged(name, "wrong", expected, effect, rule, causes)
        return 1 if explained else 2, unseen[0].bit_count() if unseen else 99, judged

    return judge


def _causes(counter: Row, unseen: Iterable[Row], skew: timedelta) -> frozenset[str]:
    """What most likely kept a writer from seeing counter-entries, so far as jobs tell."""
    missed = [r for r in unseen if r.kind == "counter"]
    jobs = {r.job_id for r in missed}
    if not counter.job_id or not all(jobs):
        return UNKNOWN
    if jobs == {counter.job_id}:  # one run that read twice alike, or later another run
        later = any(surely_before(r, counter, skew) for r in missed)
        return frozenset({"stale_read", "repeated_job"} if later else {"stale_read"})
    return UNKNOWN if counter.job_id in jobs else frozenset({"race"})
