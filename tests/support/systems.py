"""Simulated systems that balance late entries, rightly or not, and note the truth as they go."""

from datetime import date, datetime, timedelta

from hypothesis import strategies as st
from ledgers import ID_STYLES, MONDAY, SETTLED, Ledger, Truth, settings_for, with_ids
from oracle_records import Row, Settlement

MOMENT = timedelta(milliseconds=5)
PAUSE = timedelta(minutes=3)


class Desk:
    """One account's week at work. Amounts: whoever asks gets the next one drawn."""

    def __init__(self, account: int, days: list[date], amounts: list[int], rows: int) -> None:
        self.account, self.days, self.amounts, self.rows_before = account, days, amounts, rows
        self.now: datetime = SETTLED + PAUSE
        self.rows: list[Row] = []
        self.unanswered: list[Row] = []
        self.truth: list[Truth] = []
        self.jobs = 0

    def job(self) -> str:
        """Start a job after a pause that no clock can doubt."""
        self.now += PAUSE
        self.jobs += 1
        return f"job-{self.account}-{self.days[0]}-{self.jobs}"

    def post(self, kind: str, amount: int, job: str | None) -> Row:
        """Write one row a moment later, on the day that is next in turn."""
        self.now += MOMENT
        day = self.days[len(self.rows) % len(self.days)]
        name = self.rows_before + len(self.rows)
        row = Row(name, self.account, day, amount, kind, self.now, job)
        self.rows.append(row)
        return row

    def late(self, job: str | None = None) -> Row:
        """Write a late entry."""
        row = self.post("entry", self.amounts.pop(), job)
        self.unanswered.append(row)
        return row

    @property
    def residual(self) -> int:
        """What a fresh read gives."""
        return sum(r.amount for r in self.rows)

    def counter(
        self, amount: int, job: str | None, cause: str = "", late: list[Row] | None = None
    ) -> None:
        """Write a sum counter and note what should have stood there; zero is not written.

        Args:
            amount: what its writer believed to be owed.
            job: the writer.
            cause: why it saw less than there was; empty for a writer that saw everything.
            late: the entries that it answers, if not all.
        """
        if amount == 0:
            return
        late = self.unanswered if late is None else late
        owed = -sum(r.amount for r in late)
        self.unanswered = [r for r in self.unanswered if r not in late]
        row = self.post("counter", amount, job)
        if amount != owed:
            rule = "wrong_counter" if owed else "duplicate_counter"
            rule = "orphan_counter" if not owed and cause == "unknown" else rule
            self.note(rule if cause else "compensating_counter", row, owed, cause)

    def note(self, rule: str, row: Row, expected: int, cause: str) -> None:
        """Note a row as wrong."""
        self.truth.append(
            Truth(rule, row.account_id, row.effective_date, row.amount, expected, cause)
        )


def healthy(desk: Desk) -> None:
    """Two late entries, one counter; checking again finds nothing to do."""
    job = desk.job()
    desk.late(job)
    desk.late(job)
    desk.counter(-desk.residual, job)
    desk.counter(-desk.residual, job)


def cached(desk: Desk) -> None:
    """The second check of the job gets the first one's answer."""
    job = desk.job()
    desk.late(job)
    desk.late(job)
    answer = -desk.residual
    desk.counter(answer, job)
    desk.counter(answer, job, "stale_read")


def pinned(desk: Desk) -> None:
    """A long job reads from the snapshot it began with.

    The pause is needed: an entry within the skew of the second read may as well have come later.
    """
    job = desk.job()
    desk.late()
    answer = -desk.residual
    desk.counter(answer, job)
    desk.late()
    desk.now += PAUSE
    desk.counter(answer, job, "stale_read")


def racing(desk: Desk) -> None:
    """Two jobs read before either has written."""
    one, other = desk.job(), desk.job()
    desk.late(one)
    desk.late(other)
    answer = -desk.residual
    desk.counter(answer, one)
    desk.counter(answer, other, "race")


def overlapping(desk: Desk) -> None:
    """The second job sees both entries, but not yet the first one's counter."""
    one, other = desk.job(), desk.job()
    desk.late(one)
    seen, first = list(desk.unanswered), -desk.residual
    desk.late(other)
    both = -desk.residual
    desk.counter(first, one, late=seen)
    desk.counter(both, other, "race")


def lost(desk: Desk) -> None:
    """The job that should answer never runs."""
    desk.now += PAUSE
    desk.late()


def orphan(desk: Desk) -> None:
    """A counter-entry out of nowhere."""
    desk.counter(desk.amounts.pop(), desk.job(), "unknown")


def single(desk: Desk) -> None:
    """Delta: two late entries, each with its counter, the last first."""
    job, other = desk.job(), desk.job()
    first, second = desk.late(), desk.late()
    desk.post("counter", -second.amount, other)
    desk.post("counter", -first.amount, job)
    desk.unanswered = [r for r in desk.unanswered if r not in (first, second)]


def repeated(desk: Desk) -> None:
    """Delta: the job fails after its insert, and runs again."""
    job = desk.job()
    entry = desk.late()
    desk.post("counter", -entry.amount, job)
    desk.unanswered.remove(entry)
    desk.now += PAUSE
    row = desk.post("counter", -entry.amount, job)
    desk.note("duplicate_counter", row, 0, "repeated_job")


ACTS = {
    "sum": [healthy, cached, pinned, racing, overlapping, lost, orphan],
    "delta": [single, repeated, lost],
}
CLEAN = {"sum": [healthy], "delta": [single]}


@st.composite
def simulated_ledgers(draw: st.DrawFn, *, clean: bool = False, known: bool = True) -> Ledger:
    """Draw a ledger written by one balancing system.

    Args:
        draw: given by Hypothesis.
        clean: no fault is planted.
        known: the settings name policy and level; otherwise they are to be inferred.
    """
    policy = draw(st.sampled_from(["sum", "delta"]))
    level = draw(st.sampled_from(["day", "week"]))
    style = draw(st.sampled_from(ID_STYLES if clean else ["in_order", "text"]))
    acts = (CLEAN if clean else ACTS)[policy]
    rows: list[Row] = []
    settlements: list[Settlement] = []
    truth: list[Truth] = []
    for account in range(draw(st.integers(1, 2))):
        start = MONDAY + timedelta(weeks=account)
        days = [start + timedelta(days=d) for d in draw(st.permutations(range(7)))]
        desk = Desk(account, days if level == "week" else days[:1], draw(_telling()), len(rows))
        for act in draw(st.lists(st.sampled_from(acts), min_size=1, max_size=3)):
            act(desk)
        for row in desk.unanswered:
            desk.note("uncountered_entry", row, 0, "lost_job")
        rows += desk.rows
        truth += desk.truth
        settlements.append(Settlement(account, start, 0, SETTLED))
    settings = settings_for(style, *(policy, level) if known else ())
    if style == "in_order":  # of ids: the clocks of what runs at once may disagree with them
        rows = [r._replace(recorded_at=r.recorded_at + draw(_jitter())) for r in rows]
    return Ledger(with_ids(rows, draw, style), settlements, settings, truth)


def _jitter() -> st.SearchStrategy[timedelta]:
    return st.integers(0, 12).map(lambda ms: timedelta(milliseconds=ms))


def _telling() -> st.SearchStrategy[list[int]]:
    """Give amounts of which no two different sums agree, up to eight times each."""
    signed = [st.sampled_from([-3 * 17**i, 3 * 17**i]) for i in range(6)]
    return st.tuples(*signed).flatmap(st.permutations)
