"""What is to be said of the rows of an explanation: role, status, cause, effect, and why."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from settle_core import cause
from settle_core.explanation import Explanation, Judged, Row
from settle_core.policy import Choice
from settle_core.profile import Profile

UNREMARKABLE: Final = frozenset({"late", "right"})
TOLD_BY_SQL: Final = UNREMARKABLE | {"uncountered"}


class Found(NamedTuple):
    """What is to be said of a row that is not simply late, or right. Amounts in minor units."""

    row_number: int
    role: str
    expected_minor: int
    effect_minor: int
    status: str
    cause: str
    evidence: str
    unseen_entry_ids: str
    explanation: str


def found(
    explanation: Explanation, policy: Choice, profile: Profile, grace_from_us: int
) -> Iterator[Found]:
    """What is to be said of the rows of a group.

    Args:
        explanation: of the group.
        policy: how its unit is balanced, and how sure that is.
        profile: how the export is read.
        grace_from_us: late entries recorded after this may yet be answered, microseconds.
    """
    if all(judged.role in UNREMARKABLE for judged in explanation.judged):
        return
    rows = {judged.row.entry_id: judged.row for judged in explanation.judged}
    masked = _masked(explanation)
    for judged in explanation.judged:
        if judged.role in UNREMARKABLE:
            continue
        why = _cause(judged, rows, policy, explanation, profile)
        text = ""
        if judged.role not in TOLD_BY_SQL:
            text = cause.sentence(judged, rows, policy, why, profile.money_scale)
        yield Found(
            row_number=judged.row.number,
            role=_role(judged, rows),
            expected_minor=_expected(judged),
            effect_minor=_effect(judged),
            status=_status(judged, masked, grace_from_us),
            cause=why.cause,
            evidence=why.evidence,
            unseen_entry_ids=",".join(judged.unseen),
            explanation=text + _instead(judged, explanation),
        )


def _cause(
    judged: Judged,
    rows: dict[str, Row],
    policy: Choice,
    explanation: Explanation,
    profile: Profile,
) -> cause.Cause:
    if judged.role == "uncountered":
        strays = any(j.role == "unexplained" for j in explanation.judged)
        return cause.Cause("lost_job", "undetermined" if strays else "consistent")
    unseen = [rows[i] for i in judged.unseen if rows[i].is_counter]
    # Minus one late entry is what a job of the delta policy posts, and posts again.
    answers_one = any(not r.is_counter and r.amount == -judged.row.amount for r in rows.values())
    return cause.of_wrong(
        judged,
        unseen,
        policy,
        profile.skew_us,
        is_sole=not explanation.alternatives,
        answers_one=answers_one,
    )


def _status(judged: Judged, masked: frozenset[str], grace_from_us: int) -> str:
    """The status of a row; late entries recorded after `grace_from_us` may yet be answered."""
    if judged.role == "compensating" or judged.row.entry_id in masked:
        return "masked"
    is_young = judged.row.recorded_us > grace_from_us
    return "pending" if judged.role == "uncountered" and is_young else "open"


def _role(judged: Judged, rows: dict[str, Row]) -> str:
    """The role in the table: a wrong counter-entry is wrong, a duplicate or an orphan."""
    if judged.role not in {"wrong", "unexplained"}:
        return judged.role
    if judged.expected:
        return "wrong"
    has_late_entry = any(not row.is_counter for row in rows.values())
    return "duplicate" if judged.unseen and has_late_entry else "orphan"


def _expected(judged: Judged) -> int:
    """What should have been posted: nothing for a late entry but, where none came, its counter."""
    return -judged.row.amount if judged.role == "uncountered" else judged.expected


def _effect(judged: Judged) -> int:
    if judged.role == "uncountered":
        return judged.row.amount
    return judged.row.amount - judged.expected if judged.row.is_counter else 0


def _masked(explanation: Explanation) -> frozenset[str]:
    """Ids of the faults after which a later counter-entry, or the end, found the unit even."""
    masked: set[str] = set()
    standing: list[str] = []
    total = 0
    for judged in explanation.judged:
        if judged.row.is_counter:
            total += _effect(judged)
            if total == 0:
                masked.update(standing)
                standing.clear()
            standing.append(judged.row.entry_id)
    rows = explanation.judged
    end = total + sum(_effect(judged) for judged in rows if not judged.row.is_counter)
    return frozenset(masked if end else {judged.row.entry_id for judged in rows})


def _instead(judged: Judged, explanation: Explanation) -> str:
    """Names what else could be blamed just as well, where an equally cheap explanation does."""
    others = {i for ids in explanation.alternatives for i in ids - explanation.blamed}
    is_blamed = any(judged.row.entry_id not in ids for ids in explanation.alternatives)
    if not others or not is_blamed:
        return ""
    return f" Equally well explained with {', '.join(sorted(others))} to blame instead."
