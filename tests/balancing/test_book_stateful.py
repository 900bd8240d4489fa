"""Any sequence of posts, settlements, balances, repeats and rollbacks, against a plain model.

The model is a dict of entries and a dict of settled amounts; it knows nothing of SQL, locks or
stores. After every step each settled week has its settled amount but for what was left for later,
and each late entry is answered as often as the model says: once, or not yet.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import duckdb
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from settle_core.balancing.book import Book
from settle_core.balancing.duckdb_store import DuckStore
from settle_core.balancing.errors import KeyReused, SettledBefore
from settle_core.balancing.postings import Posted, Posting
from settle_core.balancing.store import Row

MONDAY = date(2026, 8, 3)
accounts = st.sampled_from(["a", "b"])
weeks = st.sampled_from([MONDAY, MONDAY + timedelta(7)])
days = st.builds(lambda week, day: week + timedelta(day), weeks, st.integers(0, 6))
amounts = st.integers(-300, 300).map(lambda cents: Decimal(cents).scaleb(-2))
postings = st.builds(
    Posting,
    accounts,
    days,
    amounts,
    st.none(),
    st.sampled_from(["EUR", "USD"]),
    st.sampled_from([None, "", "late"]),
)
Way = Literal["now", "later"]
ways: st.SearchStrategy[Way] = st.sampled_from(["now", "later"])


class Modelled(NamedTuple):
    """An entry as the model has it."""

    posting: Posting
    is_late: bool
    is_answered: bool


def week_of(day: date) -> date:
    return MONDAY if day < MONDAY + timedelta(7) else MONDAY + timedelta(7)


class PowerCut(Exception):
    """Raised in the midst of a transaction."""


class BookMachine(RuleBasedStateMachine):
    """A book in memory, and its model: entries by key, settled amounts by account and week."""

    def __init__(self) -> None:
        super().__init__()
        name = f":memory:{uuid4().hex}"
        self.book = Book.open(name)
        self.around = duckdb.connect(name)
        self.entries: dict[str, Modelled] = {}
        self.posted: dict[str, Posted] = {}
        self.settled: dict[tuple[str, str, date], Decimal] = {}

    def teardown(self) -> None:
        self.around.close()
        self.book.close()

    def where(self, posting: Posting) -> tuple[str, str, date]:
        day = posting.effective_date
        return str(posting.account_id), str(posting.currency), week_of(day)

    def keyed(self, rows: list[Posting]) -> list[Posting]:
        first = len(self.entries)
        return [row._replace(key=f"key {first + n}") for n, row in enumerate(rows)]

    def learn(self, rows: list[Posting], posted: list[Posted], way: Way) -> None:
        for row, ids in zip(rows, posted, strict=True):
            is_late = self.where(row) in self.settled
            is_answered = is_late and way == "now"
            assert (ids.counter_id is not None) == is_answered
            self.entries[str(row.key)] = Modelled(row, is_late, is_answered)
            self.posted[str(row.key)] = ids

    @rule(rows=st.lists(postings, min_size=1, max_size=4), way=ways)
    def post(self, rows: list[Posting], way: Way) -> None:
        keyed = self.keyed(rows)
        self.learn(keyed, self.book.post_many(keyed, balance=way), way)

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), way=ways)
    def post_again(self, data: st.DataObject, way: Way) -> None:
        key = data.draw(st.sampled_from(sorted(self.entries)))
        known = self.entries[key]
        (ids,) = self.book.post_many([known.posting], balance=way)
        assert ids.entry_id == self.posted[key].entry_id
        is_answered = known.is_answered or (known.is_late and way == "now")
        assert (ids.counter_id is not None) == is_answered
        if known.is_answered:
            assert ids == self.posted[key]
        self.entries[key] = known._replace(is_answered=is_answered)
        self.posted[key] = ids

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), row=postings)
    def post_other_contents(self, data: st.DataObject, row: Posting) -> None:
        key = data.draw(st.sampled_from(sorted(self.entries)))
        other = row._replace(key=key)
        if other != self.entries[key].posting:
            with pytest.raises(KeyReused):
                self.book.post_many([*self.keyed([row]), other])

    @rule(week=weeks, named=st.none() | st.lists(accounts, min_size=1))
    def settle(self, week: date, named: list[str] | None) -> None:
        known = {self.where(e.posting)[:2] for e in self.entries.values()}
        known |= {(account, currency) for account, currency, _ in self.settled}
        strangers = set(named or []) - {account for account, _ in known}
        known |= {(account, "EUR") for account in strangers}
        meant = {(a, c, week) for a, c in known if named is None or a in named}
        if meant & self.settled.keys():
            with pytest.raises(SettledBefore):
                self.book.settle(week, named)
            return
        got = {
            (s.account_id, s.currency, s.week_start): s.settled_amount
            for s in self.book.settle(week, named)
        }
        amounts = {where: self.sum_of(where) for where in meant}
        assert got == amounts
        self.settled |= amounts

    @rule(week=st.none() | weeks, account=st.none() | accounts)
    def balance(self, week: date | None, account: str | None) -> None:
        answered = {counter.answers: counter for counter in self.book.balance(week, account)}
        for key, known in self.entries.items():
            owner, _, its_week = self.where(known.posting)
            is_owed = known.is_late and not known.is_answered
            if is_owed and week in {None, its_week} and account in {None, owner}:
                counter = answered.pop(self.posted[key].entry_id)
                assert counter.amount == -known.posting.amount
                self.entries[key] = known._replace(is_answered=True)
                self.posted[key] = Posted(counter.answers, counter.entry_id)
        assert answered == {}

    @rule(
        rows=st.lists(postings, min_size=1, max_size=3),
        step=st.sampled_from(["open_account", "enter", "posted", "answer", "unbalanced"]),
    )
    def lose_power(self, rows: list[Posting], step: str) -> None:
        """Die after a step of the transaction; if it was not reached, the posts are there."""
        run = DuckStore.run
        keyed = self.keyed(rows)

        def die(store: DuckStore, name: str, **given: object) -> list[Row]:
            got = run(store, name, **given)
            if name == step:
                raise PowerCut
            return got

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DuckStore, "run", die)
            try:
                posted = self.book.post_many(keyed)
            except PowerCut:
                return
        self.learn(keyed, posted, "now")

    def sum_of(self, where: tuple[str, str, date]) -> Decimal:
        """What the model has of an account's week: entries, minus those that were answered."""
        of_week = [e for e in self.entries.values() if self.where(e.posting) == where]
        return sum((Decimal(e.posting.amount) for e in of_week if not e.is_answered), Decimal(0))

    @invariant()
    def rows_are_those_of_the_model(self) -> None:
        rows = self.rows()
        entries = {row["idempotency_key"]: row for row in rows if row["kind"] == "entry"}
        counters = {row["answers"]: row for row in rows if row["kind"] == "counter"}
        assert len(entries) + len(counters) == len(rows)
        assert entries.keys() == self.entries.keys()
        late = {self.posted[k].entry_id: e for k, e in self.entries.items() if e.is_answered}
        assert counters.keys() == late.keys()
        for entry_id, counter in counters.items():
            answered = late[entry_id].posting
            assert counter["amount"] == -answered.amount
            assert counter["effective_date"] == answered.effective_date
            assert counter["account_id"] == answered.account_id

    @invariant()
    def settled_weeks_hold(self) -> None:
        rows = self.rows()
        for (account, currency, week), amount in self.settled.items():
            mine = [
                row["amount"]
                for row in rows
                if (row["account_id"], row["currency"]) == (account, currency)
                and week_of(row["effective_date"]) == week
            ]
            owed = [
                Decimal(e.posting.amount)
                for e in self.entries.values()
                if self.where(e.posting) == (account, currency, week)
                and e.is_late
                and not e.is_answered
            ]
            assert sum(mine, Decimal(0)) - sum(owed, Decimal(0)) == amount

    @invariant()
    def witnesses_saw_what_was_there(self) -> None:
        rows = self.rows()
        for counter in (row for row in rows if row["kind"] == "counter"):
            day = [
                row["amount"]
                for row in rows
                if row["entry_id"] <= counter["last_seen"]
                and all(
                    row[name] == counter[name]
                    for name in ("account_id", "currency", "effective_date")
                )
            ]
            assert counter["observed"] == sum(day, Decimal(0))

    def rows(self) -> list[dict[str, Any]]:
        """Read around the book."""
        relation = self.around.sql("SELECT * FROM settle.entry")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def test_book_and_model_agree_after_any_sequence() -> None:
    run_state_machine_as_test(
        BookMachine,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
