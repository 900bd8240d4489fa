"""What is seen in a walk, in words: its title, how to read it, what a writer saw, its legend."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from settle_core import formats
from settle_core.audit.walk import WRONG, Role, Seen, Walk

_LEGEND_MOST = 3  # wrong ones that the legend tells one by one
_NAMED_MOST = 3

_ONE = {
    "duplicate": "a counter-entry for what was answered already",
    "wrong": "a counter-entry of another amount than was owed",
    "orphan": "a counter-entry that answers no late entry",
    "unexplained": "a counter-entry that nothing explains",
    "uncountered": "a late entry without a counter-entry",
}
_MANY = {
    "duplicate": "counter-entries for what was answered already",
    "wrong": "counter-entries of other amounts than were owed",
    "orphan": "counter-entries that answer no late entry",
    "unexplained": "counter-entries that nothing explains",
    "uncountered": "late entries without a counter-entry",
}
_TIMES = {2: "twice"}
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Item(NamedTuple):
    """One item of the legend."""

    kind: Literal["entry", "counter"]
    role: Role
    text: str


def title(walk: Walk) -> str:
    """Say whose walk it is and what is seen in it."""
    return f"{_whose(walk)}: {_what(walk)}"


def _whose(walk: Walk) -> str:
    account = formats.brief(walk.account_id, 40)
    if walk.level == "day" and walk.effective_date is not None:
        return f"Account {account}, {formats.long_day(walk.effective_date)}"
    return f"Account {account}, week of {formats.long_day(walk.week_start)}"


def _what(walk: Walk) -> str:
    counts = Counter(step.role for step in walk.steps if step.role in _ONE)
    if not counts:
        return _healthy(walk)
    repeated = _repeats(walk)
    parts = [repeated] if repeated else []
    parts += [
        _ONE[role] if number == 1 else f"{_number(number)} {_MANY[role]}"
        for role, number in counts.items()
        if not (repeated and role == "duplicate")
    ]
    said = _and(parts)
    if walk.effects[-1] == 0:
        said += ", then masked"
    return said


def _healthy(walk: Walk) -> str:
    if any(step.role == "compensating" for step in walk.steps):
        return "a counter-entry that took an earlier break back"
    if walk.final:
        return f"off by {formats.signed(walk.final)} from the start"
    if any(step.kind == "counter" for step in walk.steps):
        return "every late entry answered"
    return "late entries that cancel out"


def _number(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else formats.count(number)


def _repeats(walk: Walk) -> str | None:
    """Name the plainest case: all duplicates repeat one and the same counter-entry."""
    duplicates = [step.amount for step in walk.steps if step.role == "duplicate"]
    amounts = [step.amount for step in walk.steps if step.kind == "counter"]
    if not duplicates or len(set(duplicates)) > 1:
        return None
    times = len(duplicates) + 1
    if amounts.count(duplicates[0]) != times:
        return None
    return f"the same counter-entry {_TIMES.get(times, f'{_number(times)} times')}"


def subtitle(walk: Walk) -> str:
    """Say how to read the walk, and what happened to the worst of it."""
    said = ["Each step is one entry recorded after the week was settled."]
    if walk.start:
        start = f"{formats.signed(walk.start)} {formats.brief(walk.currency, 12)}"
        said.append(f"At that moment the week was off by {start} already.")
    at = worst(walk)
    if at is not None:
        said.append(_happened(walk, at))
        others = len(walk.wrong) - 1
        if others > 0 and at in walk.wrong:
            said.append(f"{formats.count(others, 'more is', 'more are')} wrong.")
    times = [step.recorded_at for step in walk.steps]
    if times != sorted(times):
        said.append("Order: the one that explains most, as far as the clocks allow.")
    return " ".join(said)


def worst(walk: Walk) -> int | None:
    """Find the step with the largest effect, wrong counter-entries before late entries."""
    steps = walk.steps
    found = [at for at, step in enumerate(steps) if step.role in WRONG]
    found = found or [at for at, step in enumerate(steps) if step.role == "uncountered"]
    return max(found, key=lambda at: (abs(steps[at].effect), -at), default=None)


def _happened(walk: Walk, at: int) -> str:
    step = walk.steps[at]
    name = walk.names[step.entry_id]
    if step.role == "uncountered":
        return f"No counter-entry answers {name}."
    if walk.policy == "delta" and step.unseen:
        return f"{_by(walk, at)} posted {name} again for what {_named(walk, step.unseen)} answered."
    if step.role == "orphan":
        return f"{_by(walk, at)} posted {name}, with no late entry to answer."
    seen = walk.seen(at)
    if seen is None:
        expected = formats.signed(step.expected or Decimal(0))
        return f"{_by(walk, at)} posted {name} where {expected} was owed; nothing explains it."
    first = walk.steps[seen.unseen[0]]
    if seen.after is None:
        return f"{_by(walk, at)} posted {name} without having seen {_named(walk, step.unseen)}."
    return f"{_by(walk, at)} posted {name} from a sum read before {walk.names[first.entry_id]}."


def _by(walk: Walk, at: int) -> str:
    job = walk.steps[at].job_id
    return f"Job {walk.job_names[job]}" if job else "Its writer"


def _named(walk: Walk, ids: Sequence[str]) -> str:
    names = [walk.names.get(key, formats.clean(key)) for key in ids]
    if len(names) > _NAMED_MOST:
        more = len(names) - _NAMED_MOST + 1
        names = [*names[: _NAMED_MOST - 1], f"{more} more"]
    return _and(names)


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)


def saw(walk: Walk, positions: Sequence[int], seen: Seen) -> str:
    """Say what the writers of some counter-entries, who all saw the same, saw."""
    observed = formats.signed(seen.residual)
    subject = "its writer"
    if len(walk.wrong) > 1:
        subject = _named(walk, [walk.steps[at].entry_id for at in positions])
    missed = [walk.steps[place] for place in seen.unseen]
    kind = "counter" if missed[0].kind == "counter" else "entry"
    if seen.after is None:
        names = _named(walk, [step.entry_id for step in missed])
        return f"{subject} saw {observed}: all rows but {names}"
    return (
        f"{subject} saw {observed}, which was true before {kind} {walk.names[missed[0].entry_id]}"
    )


def legend(walk: Walk) -> list[Item]:
    """Name each kind of mark that occurs, with what was owed and what was posted."""
    roles = {step.role for step in walk.steps}
    items = [Item("entry", "late", "late entry")]
    if "right" in roles:
        items.append(Item("counter", "right", "counter-entry"))
    for role_group, word in ((WRONG, "wrong"), ({"compensating"}, "compensating")):
        found = [step for step in walk.steps if step.role in role_group]
        told = sorted(found, key=lambda step: -abs(step.effect))[:_LEGEND_MOST]
        for step in told:
            name = f"{walk.names[step.entry_id]} " if len(found) > 1 else ""
            owed = "?" if step.expected is None else formats.signed(step.expected)
            text = f"{name}{word}: owed {owed}, posted {formats.signed(step.amount)}"
            items.append(Item("counter", step.role, text))
        if len(found) > len(told):
            more = f"{len(found) - len(told)} more {word}"
            items.append(Item("counter", found[0].role, more))
    if "uncountered" in roles:
        items.append(Item("entry", "uncountered", "not answered"))
    return items
