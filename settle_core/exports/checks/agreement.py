"""The check of the reading: does a ledger agree with its own settlements?

On a ledger that is read rightly, nearly every settled amount is what was recorded by then, however
broken it is: rows come late, or are changed, after the settlement. Read by a wrong profile it is
near none, and every week would be called broken. So before any rule some weeks of each currency are
looked at, and if they do not agree, whether another reading of the same files would.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb

from settle_core import formats, sql
from settle_core.errors import Fault
from settle_core.exports.arrays.passed import Passed
from settle_core.exports.arrays.tables import Table, registered
from settle_core.exports.checks import misreading, other_reading
from settle_core.exports.checks.misreading import ROUNDED_FROM, WEEKS_MIN, Count
from settle_core.exports.checks.other_reading import Other
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.ledger import Ledger

# Of each currency; a sample is enough to tell a reading by.
SAMPLE_MAX: Final = 1000
# From here on nothing is asked further, and below the other one nothing can be believed.
SHARE_FINE: Final = Decimal("0.98")
SHARE_NONE: Final = Decimal("0.02")
# Of all weeks, so that no sample of them comes below the first.
SHARE_SURE: Final = Decimal("0.99")
# Another reading fits clearly better if it leaves at most half as many weeks off, and mends as many
# as chance does not.
MENDED_MIN: Final = 3
MENDED_SHARE_MIN: Final = Decimal("0.02")
# With more rows rejected than this the weeks cannot be whole, and the rejected rows tell why.
REJECTED_SHARE_MAX: Final = Decimal("0.05")
ANY: Final = "any"
DAYS_OF_WEEK: Final = 7


@dataclass(frozen=True)
class Agreement:
    """In how many settled weeks the settled amount is what was recorded by then.

    Attributes:
        weeks: how many there are, and how many of them are `agreeing`.
        is_recorded: whether settled amounts are the ledger's own, which then agree by themselves.
        late: rows recorded after their week was settled; without any nothing was put to the test.
        unsettled: accounts with entries in weeks that are settled for others but not for them, and
            how many rows these are.
        gaps: weeks that nobody was settled for though weeks before and after them were, and
            `gap_rows`, how many entries lie in them.
    """

    weeks: int
    agreeing: int
    is_recorded: bool
    late: int
    unsettled: tuple[tuple[str, int], ...]
    gaps: tuple[date, ...] = ()
    gap_rows: int = 0

    @property
    def is_doubtful(self) -> bool:
        """Whether so many weeks disagree that the result has to say so first."""
        return not self.is_recorded and self.agreeing * 2 < self.weeks

    @property
    def unsettled_rows(self) -> int:
        """Rows in settled weeks of accounts that these weeks were not settled for."""
        return sum(rows for _, rows in self.unsettled)

    def doubts(self) -> list[str]:
        """What of it takes away from the audit's answer."""
        said = list(self.lines())
        return said if self.is_recorded or self.is_doubtful else said[1:]

    def lines(self) -> Iterator[str]:
        """What there is to say of it, a clause each, the weightiest first."""
        weeks = formats.count(self.weeks, "settled week")
        agree = formats.verb(self.agreeing, "agrees", "agree")
        if self.is_recorded:
            yield (
                "settled amounts were taken from the ledger itself: whether a week was settled "
                "rightly, and whether its rows were changed before that, is not seen"
            )
            if not self.late:
                yield (
                    "no row was recorded after its week was settled: either nothing came late, or "
                    "settled_at or settlements.at is later than the weeks were settled"
                )
        elif self.is_doubtful:
            yield (
                f"only {formats.count(self.agreeing)} of {weeks} {agree} with what was recorded "
                "by then: rows of settled weeks were changed or removed afterwards, or the profile "
                "reads them wrongly"
            )
        else:
            agreeing = formats.count(self.agreeing)
            yield f"{agreeing} of {weeks} {agree} with what was recorded by then"
        if self.unsettled:
            named = ", ".join(formats.brief(account, 24) for account, _ in self.unsettled[:3])
            more = len(self.unsettled) - 3
            if more > 0:
                named += f" and {formats.count(more)} more"
            rows = formats.count(self.unsettled_rows, "row was", "rows were")
            yield (
                f"{rows} not looked at: they lie in weeks that are settled for others, but not for "
                f"{formats.count(len(self.unsettled), 'account')} ({named})"
            )
        if self.gap_rows:
            rows = formats.count(self.gap_rows, "row was", "rows were")
            weeks = formats.count(len(self.gaps), "week")
            are = formats.verb(len(self.gaps), "is", "are")
            which = formats.verb(len(self.gaps), "that", "the first that")
            yield (
                f"{rows} not looked at: {weeks} between settled ones {are} settled for no account, "
                f"{which} of {self.gaps[0]}"
            )

    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "settled_weeks": self.weeks,
            "agreeing": self.agreeing,
            "is_doubtful": self.is_doubtful,
            "amounts": "as_recorded" if self.is_recorded else "stated",
            "accounts_without_settlement": len(self.unsettled),
            "rows_without_settlement": self.unsettled_rows,
            "accounts_named": [account for account, _ in self.unsettled[:20]],
            "weeks_without_settlement": [f"{week}" for week in self.gaps],
            "rows_in_weeks_without_settlement": self.gap_rows,
            "says": list(self.lines()),
        }


def of(con: duckdb.DuckDBPyConnection, profile: Profile, scope: Mapping[str, object]) -> Agreement:
    """The agreement of the audited weeks: of the tables `population` and `unsettled_account`.

    Args:
        con: has these, and `settlement` and `entry`.
        profile: how they were read.
        scope: `first_week`, `last_week` and `as_of` of the audit.
    """
    counts = ("settled_weeks", "agreeing", "late_entries", "counters")
    ((weeks, agreeing, *late),) = con.table("population").select(*counts).fetchall()
    unsettled = con.table("unsettled_account").order("row_count DESC, account_id").fetchall()
    named = tuple((account, rows) for account, rows in unsettled)
    gaps = con.execute(sql.text("exports/checks", "gap"), dict(scope)).fetchall()
    rows = 0
    if gaps:  # else the entries are not read again
        firsts, lasts = zip(*gaps, strict=True)
        ends = {"first_days": firsts, "last_days": lasts, "as_of": scope["as_of"]}
        (rows,) = con.execute(sql.text("exports/checks", "gap_rows"), ends).fetchall()[0]
    starts = tuple(
        first + timedelta(days)
        for first, last in gaps
        for days in range(0, (last - first).days + 1, DAYS_OF_WEEK)
    )
    return Agreement(weeks, agreeing, is_recorded(profile), sum(late), named, starts, rows)


def is_recorded(profile: Profile) -> bool:
    """Whether the profile takes settled amounts from the ledger itself."""
    return profile.settlements.amounts == "as_recorded"


def checked(ledger: Ledger) -> Ledger:
    """A ledger that was read, unless it looks read wrongly. Raises as `demand` does."""
    passed = ledger.passed
    if passed is None or not _is_seen_to_agree(passed):
        demand(ledger)
    elif not _is_excused(ledger) and _may_be_rounded(ledger, passed):
        misreading.demand_whole_ids(ledger.con)
    return ledger


def _may_be_rounded(ledger: Ledger, passed: Passed) -> bool:
    """Whether ids may have lost digits."""
    if not passed.is_told and passed.largest_id < ROUNDED_FROM:
        return False
    if passed.has_others or passed.cells.names is None:
        return True
    names = Table({"account_id": passed.cells.names})
    with registered(ledger.con, passed_account=names):
        query = sql.text("exports/checks", "maybe_rounded")
        return bool(ledger.con.execute(query).fetchall()[0][0])


def _is_seen_to_agree(passed: Passed) -> bool:
    """Whether the pass found in all weeks what the check looks for in a sample of them."""
    telling = passed.settlements - passed.settled_zeros
    # Of a week that was settled again not every settlement agrees.
    off = len(passed.off) + len(passed.again.cell)
    has_both_signs = 0 < passed.negatives < passed.rows - passed.zeros
    is_sure = telling >= WEEKS_MIN and telling - off >= SHARE_SURE * (telling + off)
    is_one = passed.cells.currencies is None  # else each currency is looked at by itself
    return is_sure and is_one and has_both_signs


def demand(ledger: Ledger) -> None:
    """Refuse a ledger that looks read wrongly, unless `settlements.agreement = "any"`.

    Raises:
        Fault: hardly any week agrees, or another reading fits clearly better. It says which, the
            key that would mend it, and a week with both amounts. Or there is no entry at all.
    """
    con, profile = ledger.con, ledger.profile
    entries = ledger.inputs[0]
    if not entries.rows_read:
        raise Fault(
            "there is no row",
            where=entries.path,
            expected="the entries of the ledger",
            found="a table without rows",
            todo="export it again, or name the file of the entries in entries.file",
        )
    if _is_excused(ledger):
        return
    misreading.demand_whole_ids(con)
    with _sampled(con, profile):
        rows = con.execute(sql.text("exports/checks", "read_count")).fetchall()
        counts = [Count(*row) for row in rows]
        misreading.demand_signs(con, profile, counts)
        if is_recorded(profile):
            misreading.demand_order(con)
            misreading.demand_shared(con, profile, _pooled(counts))
            return
        misreading.demand_no_payouts(con)
        doubtful = [c for c in counts if c.telling_agreeing < SHARE_FINE * c.telling]
        if not doubtful:
            return
        others = other_reading.counted(con, profile)
        judged = [c for c in doubtful if c.telling >= WEEKS_MIN]
        for count in judged:
            _judge(con, profile, count, others.get(count.currency, []))
        if not judged:
            few = [others.get(c.currency, []) for c in doubtful]
            _judge(con, profile, _pooled(doubtful), other_reading.pooled(few))


def _is_excused(ledger: Ledger) -> bool:
    """Whether nothing is refused: the profile says so, or many rows were rejected."""
    rows_read = sum(each.rows_read for each in ledger.inputs)
    is_partial = len(ledger.rejected) > REJECTED_SHARE_MAX * rows_read
    return ledger.profile.settlements.agreement == ANY or is_partial


def counted(ledger: Ledger) -> Count:
    """In how many weeks of the check's sample the settled amount is what was recorded by then."""
    with _sampled(ledger.con, ledger.profile):
        rows = ledger.con.execute(sql.text("exports/checks", "read_count")).fetchall()
        return _pooled([Count(*row) for row in rows])


def line(ledger: Ledger) -> str:
    """The same in words."""
    if is_recorded(ledger.profile):
        return "settled amounts were taken from the ledger itself"
    count = counted(ledger)
    weeks = formats.count(count.weeks, "settled week")
    agree = formats.verb(count.agreeing, "agrees", "agree")
    said = f"{formats.count(count.agreeing)} of {weeks} looked at {agree}"
    return f"{said} with what was recorded by then"


@contextmanager
def _sampled(con: duckdb.DuckDBPyConnection, profile: Profile) -> Iterator[None]:
    """The tables `sampled_week` and `read_week`, for as long as the check takes."""
    sampled = sql.text("exports/checks", "sampled_week")
    read = sql.text("exports/checks", "read_week")
    try:
        con.sql(sampled, params={"sample_max": SAMPLE_MAX}).create("sampled_week")
        con.sql(read, params={"skew_us": profile.skew_us}).create("read_week")
        yield
    finally:
        con.execute(sql.text("exports/checks", "drop"))


def _pooled(counts: Sequence[Count]) -> Count:
    """The weeks of several currencies as one count, of no currency."""
    return Count(
        currency="",
        weeks=sum(c.weeks for c in counts),
        agreeing=sum(c.agreeing for c in counts),
        telling=sum(c.telling for c in counts),
        telling_agreeing=sum(c.telling_agreeing for c in counts),
    )


def _judge(
    con: duckdb.DuckDBPyConnection, profile: Profile, count: Count, others: list[Other]
) -> None:
    """Refuse a currency in which hardly any week agrees, or another reading fits better."""
    if count.telling < WEEKS_MIN:
        return
    other = other_reading.best(others)
    if other and _is_better(other, count):
        looks, key = other_reading.said(other, profile)
        gain = f"{looks} ({other.agreeing} of {count.telling} would agree)"
        raise _refusal(con, profile, count, gain, f"set {key}", other)
    misreading.demand_sides(con, profile, count)
    if count.telling_agreeing >= SHARE_NONE * count.telling:
        return
    misreading.demand_shared(con, profile, count)
    looks, key = "", "check each key of the profile"
    if 2 * other_reading.at_any_time(others) > count.telling:
        looks = "rows were recorded after their weeks were settled, though the sums fit"
        key = "check which columns entries.columns.recorded_at and settled_at are"
    elif other and other.agreeing >= max(MENDED_MIN, 4 * count.telling_agreeing):
        looks, key = other_reading.said(other, profile)
        looks += f" ({other.agreeing} would agree)"
        key = f"perhaps {key}"
    raise _refusal(con, profile, count, looks, key, None)


def _is_better(other: Other, count: Count) -> bool:
    mended = other.agreeing - count.telling_agreeing
    off = count.telling - count.telling_agreeing
    is_chance = mended < MENDED_MIN or mended < MENDED_SHARE_MIN * count.telling
    return not is_chance and (count.telling - other.agreeing) * 2 <= off


def _refusal(  # noqa: PLR0913, PLR0917  what the line tells
    con: duckdb.DuckDBPyConnection,
    profile: Profile,
    count: Count,
    looks: str,
    key: str,
    other: Other | None,
) -> Fault:
    """The one line: how many agree, what it looks like, a week of it, the key."""
    given = {
        "currency": count.currency,
        "name": other.name if other else "",
        "settled_times": other.settled_times if other else 1,
        "read_times": other.read_times if other else 1,
    }
    found = f"{formats.count(count.telling_agreeing)} of {formats.count(count.telling)}"
    if looks:
        found += f"; it looks as if {looks}"
    for account, currency, week, *both in con.execute(
        sql.text("exports/checks", "example"), given
    ).fetchall():
        settled, read = (formats.scaled(a, profile.decimals(currency)) for a in both)
        found += (
            f"; for example account {account}, week {week}: settled at {settled:f}, recorded by "
            f"then {read:f}"
        )
    return Fault(
        "the settled amounts are not what was recorded by then",
        where=f"currency {count.currency}" if count.currency else "",
        expected="nearly every settled week to agree",
        found=found,
        todo=f'{key}; settlements.agreement = "any" audits it all the same',
    )
