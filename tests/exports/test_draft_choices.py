"""What a first profile chooses among columns that may all be it, and what it refuses to choose."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from story import Row, at, day, held_to_the_story, plain_settlements, story, write

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.draft import draft, trial

SUNDAY = 6  # as weekday() has it
HEAD = ["id", "account", "date", "amount", "type", "created_at"]


def own(r: Row, **other: str) -> list[str]:
    """A row with the day of its writing, unless another is given."""
    told = {"date": f"{at(r['recorded_at']):%Y-%m-%d}", "amount": r["amount"]} | other
    kind = "reversal" if r["kind"] == "counter" else "charge"
    row = [r["entry_id"], r["account_id"], told["date"], told["amount"], kind]
    return [*row, r["recorded_at"]]


def test_the_day_that_a_row_counts_for_is_not_the_one_of_its_writing(tmp_path: Path) -> None:
    """By the column that is called date no row is late, and every week agrees."""
    rows = [[*own(r), r["effective_date"]] for r in story("entries")]
    write(tmp_path / "export" / "entries.csv", [[*HEAD, "service_day"], *rows])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


@pytest.mark.parametrize("name", ["timestamp", "booked_at"])
@pytest.mark.parametrize("late", ["counter", "nothing"])
def test_the_time_of_an_event_is_not_the_one_of_its_arrival(
    name: str, late: str, tmp_path: Path
) -> None:
    """By the time of the event nothing, or no entry, is late."""
    rows = []
    for r in story("entries"):
        event = f"{r['effective_date']} 11:07:{int(r['entry_id']) % 60:02d}Z"
        event = r["recorded_at"] if r["kind"] == late else event
        told = own(r, date=r["effective_date"])
        rows.append([*told[:-1], event, told[-1]])
    head = [*HEAD[:-1], name, "arrived"]
    write(tmp_path / "export" / "entries.csv", [head, *rows])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


def test_a_week_was_settled_when_it_was_closed_not_when_it_was_paid(tmp_path: Path) -> None:
    every = [own(r, date=r["effective_date"]) for r in story("entries")]
    write(tmp_path / "export" / "entries.csv", [HEAD, *every])
    rows = [["account_id", "week_start", "settled_amount", "created_at", "final"]]
    for r in story("settlements"):
        before = f"{at(r['settled_at']) - timedelta(days=6):%Y-%m-%d %H:%M:%S.%f}Z"
        rows.append([*list(r.values())[:3], before, r["settled_at"]])
    write(tmp_path / "export" / "settlements.csv", rows)
    held_to_the_story(tmp_path / "export", tmp_path)


def test_of_a_day_and_its_week_the_day_is_taken(tmp_path: Path) -> None:
    """By the first day of its week as well all weeks agree, and what is off lies on a Monday."""
    rows = []
    for r in story("entries"):
        day = date.fromisoformat(r["effective_date"])
        monday = day - timedelta(days=day.weekday())
        rows.append([*own(r, date=f"{monday}"), f"{day}"])
    write(tmp_path / "entries.csv", [[*HEAD, "service"], *rows])
    plain_settlements(tmp_path)
    assert 'effective_date = "service"' in draft.guess(tmp_path).text


def test_days_of_writing_alone_are_refused(tmp_path: Path) -> None:
    """All weeks agree, since nothing can be late."""
    rows, sums = [], dict[tuple[str, str], Decimal]()
    for r in story("entries"):
        written = at(r["recorded_at"])
        rows.append(own(r))
        monday = f"{written - timedelta(days=written.weekday()):%Y-%m-%d}"
        key = (r["account_id"], monday)
        sums[key] = sums.get(key, Decimal()) + Decimal(r["amount"])
    write(tmp_path / "entries.csv", [HEAD, *rows])
    closed = [
        [account, week, f"{amount}", f"{at(week) + timedelta(days=7, hours=3):%Y-%m-%dT%H:%MZ}"]
        for (account, week), amount in sums.items()
    ]
    head = ["account", "week_start", "settled_amount", "settled_at"]
    write(tmp_path / "settlements.csv", [head, *closed])
    with pytest.raises(Fault, match="nothing tells which day a row counts for"):
        draft.guess(tmp_path)


def test_hours_that_lost_their_half_of_the_day_are_refused(tmp_path: Path) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rows = []
    for k in range(150):
        when = start + timedelta(minutes=97 * k)
        day = f"{when:%Y-%m-%d}"
        rows.append([str(k), f"a{k % 3}", day, "1.00", "charge", f"{when:%Y-%m-%d %I:%M:%S}"])
    rows[0][4] = "reversal"
    write(tmp_path / "entries.csv", [HEAD, *rows])
    plain_settlements(tmp_path, lambda r: r | {"account_id": "a1"})
    with pytest.raises(Fault, match="nothing tells the morning from the evening"):
        draft.guess(tmp_path)


def test_net_is_the_amount_where_weeks_were_settled_at_it(tmp_path: Path) -> None:
    rows = []
    for k, r in enumerate(story("entries")):
        gross = f"{Decimal(r['amount']) + Decimal(k % 4) / 10:.2f}"
        told = own(r, date=r["effective_date"], amount=gross)
        rows.append([*told, f"{Decimal(k % 4) / 10:.2f}", r["amount"]])
    write(tmp_path / "export" / "entries.csv", [[*HEAD, "fee", "net"], *rows])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


def test_a_side_in_words_that_nobody_knows_is_found_beside_a_mark(tmp_path: Path) -> None:
    """Both columns have two values, and no name tells which is which."""
    rows = []
    for r in story("entries"):
        told = own(r, date=r["effective_date"], amount=r["amount"].lstrip("-"))
        told[4] = "sub" if r["amount"].startswith("-") else "add"
        rows.append([*told, "true" if r["kind"] == "counter" else "false"])
    head = ["id", "account", "date", "amount", "ind", "created_at", "rev_ind"]
    write(tmp_path / "export" / "entries.csv", [head, *rows])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


@pytest.mark.parametrize(
    ("form", "means"),
    [("%Y-W%U", "full_week"), ("weeknum", "week_of_january_1")],
)
def test_weeks_from_sunday_are_found_by_how_they_are_counted(
    form: str, means: str, tmp_path: Path
) -> None:
    """A story whose weeks begin a day earlier: 1 March 2026 is a Sunday."""
    a_day = timedelta(days=1)

    def before(text: str) -> datetime:
        return datetime.fromisoformat(text) - a_day

    rows = []
    for r in story("entries"):
        told = own(r, date=f"{before(r['effective_date']):%Y-%m-%d}")
        rows.append([*told[:-1], f"{at(r['recorded_at']) - a_day:%Y-%m-%d %H:%M:%S.%f}Z"])
    write(tmp_path / "export" / "entries.csv", [HEAD, *rows])

    def weekly(r: Row) -> Row:
        day = before(r["week_start"])
        count = int(f"{day:%U}") + (date(day.year, 1, 1).weekday() != SUNDAY)
        week = f"{count}/{day.year}" if form == "weeknum" else f"{day:{form}}"
        closed = f"{at(r['settled_at']) - a_day:%Y-%m-%d %H:%M:%S.%f}Z"
        return r | {"week_start": week, "settled_at": closed}

    plain_settlements(tmp_path / "export", weekly)
    assert f'means = "{means}"' in draft.guess(tmp_path / "export").text
    held_to_the_story(tmp_path / "export", tmp_path)


def test_weeks_that_are_not_closed_yet_are_set_aside(tmp_path: Path) -> None:
    every = [own(r, date=r["effective_date"]) for r in story("entries")]
    write(tmp_path / "export" / "entries.csv", [HEAD, *every])
    told = [list(r.values()) for r in story("settlements")]
    accounts = sorted({r["account_id"] for r in story("settlements")})
    names = list(story("settlements")[0])
    of_open = {"week_start": "2026-05-04"}
    more = [[(of_open | {"account_id": a}).get(name, "") for name in names] for a in accounts]
    write(tmp_path / "export" / "settlements.csv", [names, *told, *more])
    assert 'skip = { "settled_at" = [""] }  # GUESSED' in draft.guess(tmp_path / "export").text
    held_to_the_story(tmp_path / "export", tmp_path)


def test_parts_that_are_called_by_months_are_one_table(tmp_path: Path) -> None:
    every = [own(r, date=r["effective_date"]) for r in story("entries")]
    for k, month in enumerate(("Jan", "February", "M\u00e4rz", "mai")):
        write(tmp_path / "export" / f"Ledger {month}.csv", [HEAD, *every[k::4]])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


def test_a_line_below_that_is_no_row_is_named_and_the_rows_are_read(tmp_path: Path) -> None:
    every = [own(r, date=r["effective_date"]) for r in story("entries")]
    foot = "the ledger of 2026, as agreed\n"
    write(tmp_path / "entries.csv", [HEAD, *every], foot=foot)
    plain_settlements(tmp_path)
    told = draft.guess(tmp_path).text
    assert "# 1 row is rejected by this profile, the first in entries.csv" in told


def test_weeks_that_agree_by_chance_among_few_rows_speak_for_no_reading() -> None:
    """In cents hardly a row of euros is read, and a week of one row may be even."""
    by_few = trial.Score(is_whole=False, agreeing=7, telling=168, are_few=False)
    assert trial.Score(is_whole=False, agreeing=0, telling=168).rank > by_few.rank


@pytest.mark.parametrize("extra", [("fx note",), ("fx note", "memo")])
def test_a_kind_that_no_settled_amount_counts_is_left_out(
    extra: tuple[str, ...], tmp_path: Path
) -> None:
    rows = [own(r, date=r["effective_date"]) for r in story("entries")]
    notes = [
        [f"{number}{row[0]}", *row[1:3], "7.77", kind, row[5]]
        for number, kind in enumerate(extra, 7)
        for row in rows
    ]
    write(tmp_path / "export" / "entries.csv", [HEAD, *rows, *notes])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)
    aside = audit.run(tmp_path / "export", str(tmp_path / "first.toml")).inputs[0].set_aside
    assert aside == tuple((f"type '{kind}'", len(rows)) for kind in extra)


def test_rows_may_be_left_out_by_several_columns_at_once(tmp_path: Path) -> None:
    rows = [[*own(r, date=r["effective_date"]), "posted"] for r in story("entries")]
    notes = [[f"7{r[0]}", *r[1:3], "7.77", "fx note", *r[5:]] for r in rows]
    void = [[f"8{r[0]}", *r[1:6], "void"] for r in rows[::3]]
    total = [["Total", *[""] * 6]]
    write(tmp_path / "export" / "entries.csv", [[*HEAD, "state"], *rows, *notes, *void, *total])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


def test_what_names_other_rows_marks_counter_entries(tmp_path: Path) -> None:
    """By no name that says so: it is filled in some rows, and the ids of others stand in it."""
    rows = [own(r, date=r["effective_date"]) for r in story("entries")]
    for before, row in pairwise(rows):
        row[4] = before[0] if row[4] == "reversal" else ""
    rows[0][4] = ""
    write(tmp_path / "export" / "entries.csv", [[*HEAD[:4], "xref", HEAD[5]], *rows])
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)


def test_a_time_goes_with_the_day_that_is_called_as_it_is(tmp_path: Path) -> None:
    """Not with the week's day, which stands beside it."""
    rows = [own(r, date=r["effective_date"]) for r in story("entries")]
    write(tmp_path / "export" / "entries.csv", [HEAD, *rows])
    closings = [["closed on", "amount", "account", "week", "closed at"]]
    for r in story("settlements"):
        closed = f"{at(r['settled_at']):%Y-%m-%d %H:%M:%S.%f}"
        closings.append([closed[:10], r["settled_amount"], r["account_id"], r["week_start"]])
        closings[-1].append(closed[11:])
    write(tmp_path / "export" / "settlements.csv", closings)
    held_to_the_story(tmp_path / "export", tmp_path)


def test_what_only_two_changes_together_mend_is_found(tmp_path: Path) -> None:
    """Settled amounts of the opposite sign, of weeks told by the day behind them: one helps not."""

    def turned(r: Row) -> Row:
        end = date.fromisoformat(r["week_start"]) + timedelta(days=7)
        amount = f"{-Decimal(r['settled_amount']):.2f}"
        told = {"account": r["account_id"], "week": f"{end:%d-%b-%Y}", "total": amount}
        return told | {"closed_at": r["settled_at"].strip("Z")}

    rows = [own(r, date=day(r["effective_date"], "%d-%b-%Y")) for r in story("entries")]
    # Their zone is open as well, which is one more thing that may be it.
    write(tmp_path / "export" / "entries.csv", [HEAD, *([*r[:-1], r[-1].strip("Z")] for r in rows)])
    plain_settlements(tmp_path / "export", turned)
    held_to_the_story(tmp_path / "export", tmp_path)


def test_debits_that_are_rare_are_no_strays(tmp_path: Path) -> None:
    """One settled amount of a hundred is a debit; its row is not rejected."""
    first = date(2026, 3, 2)
    entries, settlements = [HEAD], [["account", "week", "debit", "credit", "closed_at"]]
    for number in range(100):
        week = first + timedelta(weeks=number // 10)
        account, amount = str(900 + number % 10), -5.25 if number == 50 else 10.5 + number
        at_ = f"{week}T08:00:{number % 60:02d}Z"
        entries.append([str(number), account, f"{week}", f"{amount:.2f}", "charge", at_])
        sides = ["", f"{amount:.2f}"] if amount > 0 else [f"{-amount:.2f}", ""]
        closed = f"{week + timedelta(days=7)}T03:00:00Z"
        settlements.append([account, f"{week}", *sides, closed])
    late = [["200", "901", f"{first}", "3.00", "charge", "2026-06-01T08:00:00Z"]]
    late += [["201", "901", f"{first}", "-3.00", "reversal", "2026-06-01T08:00:05Z"]]
    write(tmp_path / "export" / "entries.csv", [*entries, *late])
    write(tmp_path / "export" / "settlements.csv", settlements)
    (tmp_path / "first.toml").write_text(draft.guess(tmp_path / "export").text, "utf-8")
    found = audit.run(tmp_path / "export", str(tmp_path / "first.toml"))
    assert (found.verdict, found.agreement.agreeing) == ("reconciled", 100)
