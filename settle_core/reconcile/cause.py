"""What is to be said of the rows of an explanation: role, status, cause, effect, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from settle_core import formats
from settle_core.exports.profile import Profile
from settle_core.reconcile.model import Explanation, Judged, Row
from settle_core.reconcile.policy_inference import Choice

# Counter-entries further apart than this were hardly at work at one time, so no race is claimed.
RACE_SPAN_US: Final = 60_000_000
# One run of a job reads and writes within moments; a job that is run again comes later.
MOMENT_US: Final = 2_000_000


class Cause(NamedTuple):
    """A cause and its evidence, of the vocabularies in `contract`.

    `others`: what else it may be.
    """

    cause: str
    evidence: str
    others: tuple[str, ...] = ()


UNKNOWN = Cause("unknown", "undetermined")
# What is taken for one of these, another system may have done in another way.
RIVALS: Final = {
    "stale_read": ("race", "repeated_job"),
    "race": ("stale_read", "repeated_job"),
    "repeated_job": ("stale_read", "race"),
    "lost_job": ("stale_read", "race"),
    "unknown": ("stale_read", "race", "repeated_job"),
}


def of_wrong(  # noqa: PLR0913  what a cause rests on
    judged: Judged,
    unseen: Sequence[Row],
    policy: Choice,
    skew_us: int,
    *,
    is_sole: bool,
    answers_one: bool,
) -> Cause:
    """The cause of a wrong counter-entry.

    Args:
        judged: the counter-entry.
        unseen: the counter-entries that its writer did not see, or that it repeats.
        policy: how its unit is balanced, and how sure that is.
        skew_us: clock skew in microseconds.
        is_sole: no other explanation costs as little.
        answers_one: it has the amount of an answer to one late entry, as of the policy delta.
    """
    row = judged.row
    if judged.role != "wrong" or not unseen or not policy.is_sure:
        return UNKNOWN
    jobs = {other.job_id for other in unseen}
    span = max(abs(row.recorded_us - other.recorded_us) for other in unseen)
    is_moment = span < max(skew_us, MOMENT_US)
    if policy.value == "delta":
        # Elsewhere in the export jobs of the other policy may read twice within a moment.
        is_open = policy.basis == "account" and is_moment
        return UNKNOWN if is_open else _repeated_job(row, unseen[0])
    # Where the other policy explains the unit as well, a job that was repeated came later.
    is_tied = policy.basis != "unit"
    if None in {row.job_id, *jobs} or (is_tied and not (is_moment and is_sole)):
        return UNKNOWN
    if row.job_id in jobs:
        if len(jobs) > 1 or any(other.attempt != row.attempt for other in unseen):
            return UNKNOWN
        # The same amount much later may as well come of a job that was run again with it.
        is_again = any(other.amount == row.amount for other in unseen)
        is_told = is_moment or row.attempt is not None or not is_again
        alone = not is_tied and is_sole and not answers_one and is_told
        in_order = all(other.recorded_us <= row.recorded_us + skew_us for other in unseen)
        return Cause("stale_read", "proved" if alone and in_order else "consistent")
    return Cause("race", "consistent") if span <= RACE_SPAN_US else UNKNOWN


def _repeated_job(row: Row, first: Row) -> Cause:
    if row.job_id is None or first.job_id != row.job_id:
        return UNKNOWN
    is_retry = row.attempt is not None and first.attempt not in {None, row.attempt}
    is_linked = row.answers is not None and row.answers == first.answers
    return Cause("repeated_job", "proved" if is_retry and is_linked else "consistent")


def money(minor: int, scale: int) -> str:
    """Minor units as plain text in major units: `money(-54141, 2)` is `-541.41`."""
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(scale + 1, "0")
    return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def sentence(
    judged: Judged, rows: Mapping[str, Row], policy: Choice, why: Cause, scale: int
) -> str:
    """What was expected, what was found and what the writer did not see, with the numbers."""
    row = judged.row
    found = (
        f"Expected {money(judged.expected, scale)}, found {money(row.amount, scale)}, "
        f"off by {money(row.amount - judged.expected, scale)}"
    )
    if judged.role == "compensating":
        return (
            f"{found}: its writer saw the sum that earlier wrong counter-entries had left, "
            f"off by {money(judged.expected - row.amount, scale)}, and took that back."
        )
    told = " and ".join(_named(row, rows[i], scale) for i in judged.unseen)
    if judged.role == "unexplained":
        if told:
            return f"{found}: it fits a writer who did not see {told}."
        return f"{found}: no rows before it add up to what it offsets."
    if policy.value == "delta":
        if told:
            doubt = _doubt(why, "a repeated job or a stale read")
            return f"{found}: its late entry was already answered by {told}.{doubt}"
        return f"{found}: it answers a late entry of another amount."
    doubt = _doubt(why, "a stale read, a race or a repeated job")
    saw = money(-row.amount, scale)
    return f"{found}: its writer saw a residual of {saw} and did not see {told}.{doubt}"


def _named(row: Row, other: Row, scale: int) -> str:
    kind = "counter-entry" if other.is_counter else "entry"
    text = f"{kind} {other.entry_id} of {money(other.amount, scale)}"
    if other.is_counter and row.job_id is not None and other.job_id is not None:
        text += (
            ", posted by the same job" if other.job_id == row.job_id else ", posted by another job"
        )
    gap = row.recorded_us - other.recorded_us
    when = "earlier" if gap >= 0 else "later by the clock"
    return f"{text} {formats.span(abs(gap) / 1e6).replace(formats.GAP, ' ')} {when}"


def _doubt(why: Cause, set_of_causes: str) -> str:
    if why.evidence == "undetermined":
        return f" The data does not tell whether by {set_of_causes}."
    return ""


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
    other_causes: str


def found(
    explanation: Explanation, policy: Choice, profile: Profile, grace_from_us: int, scale: int
) -> Iterator[Found]:
    """What is to be said of the rows of a group.

    Args:
        explanation: of the group.
        policy: how its unit is balanced, and how sure that is.
        profile: how the export is read.
        grace_from_us: late entries recorded after this may yet be answered, microseconds.
        scale: decimals of money.
    """
    if all(judged.role in UNREMARKABLE for judged in explanation.judged):
        return
    rows = {judged.row.entry_id: judged.row for judged in explanation.judged}
    masked = _masked(explanation)
    for judged in explanation.judged:
        if judged.role in UNREMARKABLE:
            continue
        why = _cause(judged, rows, policy, explanation, profile)
        if judged.unseen or why.cause != "unknown":
            why = why._replace(others=() if why.evidence == "proved" else RIVALS[why.cause])
        text = ""
        if judged.role not in TOLD_BY_SQL:
            text = sentence(judged, rows, policy, why, scale)
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
            other_causes=",".join(why.others),
        )


def _cause(
    judged: Judged,
    rows: dict[str, Row],
    policy: Choice,
    explanation: Explanation,
    profile: Profile,
) -> Cause:
    if judged.role == "uncountered":
        strays = any(j.role == "unexplained" for j in explanation.judged)
        return Cause("lost_job", "undetermined" if strays else "consistent")
    unseen = [rows[i] for i in judged.unseen if rows[i].is_counter]
    # Minus one late entry is what a job of the delta policy posts, and posts again.
    answers_one = any(not r.is_counter and r.amount == -judged.row.amount for r in rows.values())
    return of_wrong(
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
