"""Why a counter-entry is wrong, how well the data proves it, and the sentence that says so."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from settle_core import style
from settle_core.explanation import Judged, Row
from settle_core.policy import Choice

# Counter-entries further apart than this were hardly at work at one time, so no race is claimed.
RACE_SPAN_US: Final = 60_000_000
# One run of a job reads and writes within moments; a job that is run again comes later.
MOMENT_US: Final = 2_000_000


class Cause(NamedTuple):
    """A cause and its evidence, of the vocabularies in `schema`."""

    cause: str
    evidence: str


UNKNOWN = Cause("unknown", "undetermined")


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
    return f"{text} {style.span(abs(gap) / 1e6).replace(style.GAP, ' ')} {when}"


def _doubt(why: Cause, set_of_causes: str) -> str:
    if why.evidence == "undetermined":
        return f" The data does not tell whether by {set_of_causes}."
    return ""
