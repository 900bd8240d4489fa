"""What is to be said of the rows of an explanation: role, status, cause, effect, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from settle_core.exports.profiles.profile import Profile
from settle_core.reconcile.causes import sentences
from settle_core.reconcile.policies.votes import Choice
from settle_core.reconcile.search import answer_rows
from settle_core.reconcile.search.model import ROUNDED, Explanation, Judged, Row, place

# No read is older than its job, and no job takes longer than this.
JOB_SPAN_US: Final = 60_000_000
# One run of a job reads and writes within moments; a job that is run again comes later. And two
# writers that are further apart than this, and than the skew, were hardly at work at one time.
MOMENT_US: Final = 2_000_000


class Cause(NamedTuple):
    """A cause and its evidence, of the vocabularies in `contract`.

    `others`: what else it may be.
    """

    cause: str
    evidence: str
    others: tuple[str, ...] = ()


UNKNOWN: Final = Cause("unknown", "undetermined")
# What may as well be behind it, whatever looks like the cause: from rows alone nobody can tell a
# read that was old from one that came too early, or from a job that was run twice.
RIVALS: Final = ("stale_read", "race", "repeated_job")
LOST_RIVALS: Final = ("stale_read", "race")


@dataclass(frozen=True)
class Setting:
    """What a cause rests on besides the rows.

    Attributes:
        policy: how the unit is balanced, and how sure that is.
        skew_us: clock skew in microseconds.
        is_job_a_run: the job column names one run of a job, as the analyst says.
        is_sole: no other explanation costs as little.
        is_whole: the search did not give up, and every counter-entry of the unit is explained.
        ids_are_sequence: ids were given out in the order of writing.
        is_rounded: its counter-entries are, so an amount tells a sum only nearly.
    """

    policy: Choice
    skew_us: int
    is_job_a_run: bool
    is_sole: bool
    is_whole: bool
    ids_are_sequence: bool
    is_rounded: bool = False

    def run_of(self, row: Row) -> str | None:
        """The one run of a job that wrote a row, if the data says."""
        return row.run_id or (row.job_id if self.is_job_a_run and row.job_id else None)

    def had_number(self, row: Row, other: Row) -> bool:
        """Whether a row had its number when another one's writer read, by what that recorded."""
        last = row.last_seen or ""
        is_told = self.ids_are_sequence and last.isdecimal() and other.entry_id.isdecimal()
        return is_told and int(other.entry_id) <= int(last)


def of_wrong(
    judged: Judged, unseen: Sequence[Row], unit: Collection[Row], setting: Setting
) -> Cause:
    """The cause of a wrong counter-entry.

    Args:
        judged: the counter-entry.
        unseen: the rows that its writer did not see, or that it repeats.
        unit: the late rows of its day or week.
        setting: what else is known.
    """
    counters = [row for row in unseen if row.is_counter]
    # Two attempts that name one entry are a repeated job by any policy.
    is_again = not judged.expected and _is_retry(judged.row, counters)
    is_told = setting.policy.is_sure or (is_again and setting.is_sole and setting.is_whole)
    if judged.role != "wrong" or not counters or not is_told:
        return UNKNOWN._replace(others=RIVALS if unseen else ())
    if any(setting.had_number(judged.row, other) for other in counters):
        return _of_witness(judged.row, counters, setting)
    cause = _of_wrong(judged, unseen, unit, setting)
    if cause.evidence == "proved":
        return cause
    return cause._replace(others=tuple(r for r in RIVALS if r != cause.cause))


def _of_witness(row: Row, counters: Sequence[Row], setting: Setting) -> Cause:
    """The cause where the writer recorded a sum that is no older than what it did not see.

    Under `delta` it had the first answer before it, and answered again. Otherwise a read from
    before would hold no later number either: what is missing was being written at that moment.
    """
    is_same_job = row.job_id is not None and all(o.job_id == row.job_id for o in counters)
    if setting.policy.value == "delta":
        again = Cause("repeated_job", "consistent")
        return again if is_same_job else UNKNOWN._replace(others=("repeated_job",))
    span = max(abs(row.recorded_us - other.recorded_us) for other in counters)
    is_of_others = all(o.job_id not in {None, row.job_id} for o in counters) and row.job_id
    if is_of_others and span <= JOB_SPAN_US:
        return Cause("race", "consistent", ("repeated_job",))
    return UNKNOWN._replace(others=("race", "repeated_job"))


def _of_wrong(
    judged: Judged, unseen: Sequence[Row], unit: Collection[Row], setting: Setting
) -> Cause:
    row, policy = judged.row, setting.policy
    counters = [other for other in unseen if other.is_counter]
    if not judged.expected and _is_retry(row, counters):
        return Cause("repeated_job", "proved" if setting.is_whole else "consistent")
    span = max(abs(row.recorded_us - other.recorded_us) for other in unseen)
    is_moment = span < max(setting.skew_us, MOMENT_US)
    runs = {setting.run_of(other) for other in counters}
    is_one_run = runs == {setting.run_of(row)} and None not in runs
    if policy.value == "delta":
        # Elsewhere in the export jobs of the other policy may read twice within a moment.
        is_open = is_one_run or (policy.basis == "account" and is_moment)
        is_again = row.job_id is not None and counters[0].job_id == row.job_id
        return Cause("repeated_job", "consistent") if is_again and not is_open else UNKNOWN
    is_tied = policy.basis != "unit"
    # Where the other policy explains the unit as well, a job that was repeated came later.
    if is_tied and not (is_moment and setting.is_sole):
        return UNKNOWN
    if is_one_run:
        in_order = all(o.recorded_us <= row.recorded_us + setting.skew_us for o in counters)
        is_proof = (
            not is_tied
            and not setting.is_rounded
            and setting.is_sole
            and setting.is_whole
            and in_order
        )
        # Minus one late entry is what a job of the policy delta posts, and posts again.
        answers_one = any(not r.is_counter and r.amount == -row.amount for r in unit)
        is_exact = len(counters) == len(unseen) and not answers_one
        is_proof = is_proof and is_exact and _saw_what_it_took_back(row, counters)
        return Cause("stale_read", "proved" if is_proof else "consistent")
    found = _by_job(row, unseen, unit, is_moment=is_moment)
    own = setting.run_of(row)
    if found.cause == "stale_read" and None not in {own, *runs} and own not in runs:
        # The reads of one run do not serve another one: the job was at work twice.
        return Cause("repeated_job", "consistent")
    return found


def _by_job(row: Row, unseen: Sequence[Row], unit: Collection[Row], *, is_moment: bool) -> Cause:
    """What the job of a counter-entry and those of the ones that it missed are consistent with."""
    counters = [other for other in unseen if other.is_counter]
    jobs = {other.job_id for other in counters}
    if None in {row.job_id, *jobs}:
        return UNKNOWN
    if row.job_id not in jobs:
        is_race = is_moment and not _misses_its_own(row, unseen, unit)
        return Cause("race", "consistent") if is_race else UNKNOWN
    # What it missed of long ago has another reason.
    is_old = any(row.recorded_us - o.recorded_us > JOB_SPAN_US for o in unseen if not o.is_counter)
    is_mixed = len(jobs) > 1 or any(other.attempt != row.attempt for other in counters)
    if is_old or is_mixed or _looks_run_twice(row, unit):
        return UNKNOWN
    return Cause("stale_read", "consistent")


def _misses_its_own(row: Row, unseen: Collection[Row], unit: Collection[Row]) -> bool:
    """Whether a job did not see the late entry that it was started for, as no race can do.

    Its sum came out of a cache that jobs share, or of a replica. Of equal late entries nobody can
    tell which one it was.
    """
    missed = [o for o in unseen if not o.is_counter]
    own = {o.amount for o in missed if row.job_id == o.job_id or row.answers == o.entry_id}
    seen = {o.amount for o in unit if not o.is_counter and o not in missed}
    return bool(own - seen)


def _looks_run_twice(row: Row, unit: Collection[Row]) -> bool:
    """Whether a job did in one moment what one run of it, whose reads are old, hardly does.

    It wrote more counter-entries than it has late entries to check after, or it took back what it
    had just written, which whoever reads an old sum does not see.
    """
    own = [r for r in unit if r.job_id == row.job_id]
    entries = sum(not r.is_counter for r in own)
    moment = [r for r in own if r.is_counter and abs(r.recorded_us - row.recorded_us) < MOMENT_US]
    writes = len({r.recorded_us for r in moment})  # net and tax are written at once
    return 0 < entries < writes or answer_rows.takes_back(sorted(moment, key=place))


def _is_retry(row: Row, counters: Sequence[Row]) -> bool:
    """Whether two attempts of one job gave the same answer."""
    return any(
        row.job_id is not None
        and row.answers is not None
        and row.attempt is not None
        and other.attempt is not None
        and other.attempt != row.attempt
        and (other.job_id, other.answers, other.amount) == (row.job_id, row.answers, row.amount)
        for other in counters
    )


def _saw_what_it_took_back(row: Row, counters: Sequence[Row]) -> bool:
    """Whether the sums that the writers recorded, where they did, agree with what they posted."""
    settled = {r.observed + r.amount for r in (row, *counters) if r.observed is not None}
    return len(settled) <= 1


UNREMARKABLE: Final = frozenset({"late", "right"})
TOLD_BY_SQL: Final = UNREMARKABLE | {"uncountered"}
UNANSWERED: Final = frozenset({"uncountered", "small"})
# In the table, the roles that there are but for rounding.
BUT_FOR_ROUNDING: Final = {
    "rounded": "wrong",
    "absorbing": "compensating",
    "small": "uncountered",
}


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


class Known(NamedTuple):
    """What is known of an export besides its rows.

    `grace_from_us`: late entries recorded after this may yet be answered, microseconds; `scale`:
    decimals of money; `ids_are_sequence`: ids were given out in the order of writing.
    """

    profile: Profile
    grace_from_us: int
    scale: int
    ids_are_sequence: bool


def found(explanation: Explanation, policy: Choice, known: Known, step: int = 0) -> Iterator[Found]:
    """What is to be said of the rows of a group.

    Args:
        explanation: of the group.
        policy: how its unit is balanced, and how sure that is.
        known: what else is known.
        step: to which its counter-entries are rounded, minor units, 0 if they are not.
    """
    if all(judged.role in UNREMARKABLE for judged in explanation.judged):
        return
    rows = {judged.row.entry_id: judged.row for judged in explanation.judged}
    is_whole = not explanation.is_exhausted and all(
        judged.role != "unexplained" for judged in explanation.judged
    )
    setting = Setting(
        policy=policy,
        skew_us=known.profile.skew_us,
        is_job_a_run=known.profile.entries.job_id_means == "run",
        is_sole=not explanation.alternatives,
        is_whole=is_whole,
        ids_are_sequence=known.ids_are_sequence,
        is_rounded=step > 0,
    )
    for judged in explanation.judged:
        if judged.role in UNREMARKABLE:
            continue
        why = _cause(judged, rows, explanation, setting)
        text = ""
        if judged.role in ROUNDED:
            amounts = (judged.row.amount, judged.expected, step)
            text = sentences.rounded(judged.role, *amounts, known.scale)
        elif judged.role not in TOLD_BY_SQL:
            told = _told(judged, rows, known.scale)
            given = (judged.role, policy.value, judged.row.amount, judged.expected, told)
            text = sentences.sentence(*given, why.evidence, known.scale)
        yield Found(
            row_number=judged.row.number,
            role=_role(judged, rows),
            expected_minor=_expected(judged),
            effect_minor=_effect(judged),
            status=_status(judged, known.grace_from_us),
            cause=why.cause,
            evidence=why.evidence,
            unseen_entry_ids=",".join(judged.unseen),
            explanation=text + _together(judged, rows, known.scale) + _instead(judged, explanation),
            other_causes=",".join(why.others),
        )


def _cause(
    judged: Judged, rows: dict[str, Row], explanation: Explanation, setting: Setting
) -> Cause:
    if judged.role in ROUNDED:
        return UNKNOWN
    if explanation.is_exhausted:
        return UNKNOWN._replace(others=RIVALS)
    if judged.role == "uncountered":
        strays = any(j.role == "unexplained" for j in explanation.judged)
        if strays:
            return UNKNOWN._replace(others=(*LOST_RIVALS, "lost_job"))
        return Cause("lost_job", "consistent", LOST_RIVALS)
    if judged.role == "compensating":
        return UNKNOWN
    return of_wrong(judged, [rows[i] for i in judged.unseen], rows.values(), setting)


def _status(judged: Judged, grace_from_us: int) -> str:
    """The status of a row by itself; what later rows took back, the reckoning masks.

    Late entries recorded after `grace_from_us` may yet be answered.
    """
    is_young = judged.row.recorded_us > grace_from_us
    return "pending" if judged.role in UNANSWERED and is_young else "open"


def _role(judged: Judged, rows: dict[str, Row]) -> str:
    """The role in the table: a wrong counter-entry is wrong, a duplicate or an orphan."""
    if judged.role not in {"wrong", "unexplained"}:
        return BUT_FOR_ROUNDING.get(judged.role, judged.role)
    if judged.expected:
        return "wrong"
    has_late_entry = any(not row.is_counter for row in rows.values())
    return "duplicate" if judged.unseen and has_late_entry else "orphan"


def _expected(judged: Judged) -> int:
    """What should have been posted: nothing for a late entry but, where none came, its counter."""
    return -judged.row.amount if judged.role in UNANSWERED else judged.expected


def _effect(judged: Judged) -> int:
    if judged.role in UNANSWERED:
        return judged.row.amount
    return judged.row.amount - judged.expected if judged.row.is_counter else 0


def _told(judged: Judged, rows: Mapping[str, Row], scale: int) -> str:
    """What the writer of a row did not see, and what it recorded to have read last."""
    row = judged.row
    told = " and ".join(
        sentences.named(
            other.entry_id,
            other.amount,
            row.recorded_us - other.recorded_us,
            sentences.by_whom(row.job_id, other.job_id, is_counter=other.is_counter),
            scale,
            is_counter=other.is_counter,
        )
        for other in (rows[i] for i in judged.unseen)
    )
    if told and row.last_seen:
        told += f"; it recorded {row.last_seen} as the last row that it read"
    return told


def _together(judged: Judged, rows: Mapping[str, Row], scale: int) -> str:
    """Names the rows that are one answer with a counter-entry: it is off by what they all are."""
    parts = [(i, rows[i].amount) for i in judged.owed if rows[i].is_counter]
    return sentences.together(judged.row.amount, judged.expected, parts, scale)


def _instead(judged: Judged, explanation: Explanation) -> str:
    """Names what else could be blamed just as well, where an equally cheap explanation does."""
    is_blamed = any(judged.row.entry_id not in ids for ids in explanation.alternatives)
    others = {i for ids in explanation.alternatives for i in ids - explanation.blamed}
    return sentences.instead(others) if is_blamed else ""
