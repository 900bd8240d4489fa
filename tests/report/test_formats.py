"""Formats: every number, date and id is written in one way; axes have round numbers."""

import re
import tomllib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settle_core import formats
from settle_core.report.charts.axis import ticks, time_ticks

MINUS = "\N{MINUS SIGN}"
GAP = "\N{NO-BREAK SPACE}"
YEARS = datetime(1990, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001 UTC, as everywhere


@pytest.mark.parametrize(
    ("value", "plain", "signed", "short"),
    [
        ("0.00", "0.00", "0.00", "0"),
        ("1234.50", "1,234.50", "+1,234.50", "1,234"),
        ("-541.41", f"{MINUS}541.41", f"{MINUS}541.41", f"{MINUS}541"),
        ("-1234567.89", f"{MINUS}1,234,567.89", f"{MINUS}1,234,567.89", f"{MINUS}1.23M"),
        ("12345", "12,345", "+12,345", "12.3k"),
        ("0.004", "0.004", "+0.004", "0.004"),
        ("0.00000001", "0.00000001", "+0.00000001", f"1e{MINUS}8"),
        ("98765432109.00", "98,765,432,109.00", "+98,765,432,109.00", "98.8bn"),
    ],
)
def test_amounts(value: str, plain: str, signed: str, short: str) -> None:
    amount = Decimal(value)
    assert (formats.amount(amount), formats.signed(amount), formats.short(amount)) == (
        plain,
        signed,
        short,
    )


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value="-1e12", max_value="1e12"))
def test_short_amount_is_short_and_never_rounds_to_zero(value: Decimal) -> None:
    text = formats.short(value)
    assert (text == "0") == (value == 0)
    assert len(text) <= 8


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, f"0{GAP}ms"),
        (0.00025, f"250{GAP}\N{MICRO SIGN}s"),
        (0.013, f"13{GAP}ms"),
        (-0.008, f"{MINUS}8{GAP}ms"),
        (10.65, f"10.7{GAP}s"),
        (250, f"4{GAP}min 10{GAP}s"),
        (12000, f"3{GAP}h 20{GAP}min"),
        (86400 * 40, f"40{GAP}days"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert formats.span(seconds) == text


def test_days_are_written_without_the_locale() -> None:
    assert formats.long_day(date(2026, 9, 6)) == "Sunday 6 September 2026"
    assert formats.day(date(2026, 9, 6)) == f"6{GAP}Sep{GAP}2026"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("off by -1189.01.", f"off by {MINUS}1,189.01."),
        ("entry A-1 of 2026-09-06", "entry A-1 of 2026-09-06"),
        (
            "Expected 0, found -14261: unseen 10349 of -14261 on 2026-09-04.",
            f"Expected 0, found {MINUS}14,261: unseen 10349 of {MINUS}14,261 on 2026-09-04.",
        ),
        ("row v2026.11.23-4 of -5", f"row v2026.11.23-4 of {MINUS}5"),
    ],
)
def test_prose_changes_amounts_and_nothing_else(sentence: str, shown: str) -> None:
    assert formats.prose(sentence) == shown


@pytest.mark.parametrize(
    "form", ["users:{:06}:wallet:main", "{:06}-of-a-tenant-in-a-region", "acct-{:06}", "{:040}"]
)
def test_accounts_that_differ_are_told_apart(form: str) -> None:
    names = [form.format(number) for number in (5, 17, 1005)]
    shown = formats.apart(names, 14)
    assert [*shown] == names
    assert len(set(shown.values())) == len(names)
    assert max(map(len, shown.values())) <= 14
    for name, text in shown.items():
        assert all(part in name for part in text.split(formats.DOTS))


@given(st.lists(st.text(max_size=40), max_size=8, unique=True))
def test_no_two_accounts_are_shown_alike_where_they_look_different(names: list[str]) -> None:
    shown = formats.apart(names, 14)
    whole = {formats.clean(name) for name in names}
    assert len(set(shown.values())) >= len(whole)


@given(st.sets(st.text(min_size=1, max_size=40), max_size=8))
def test_abbreviated_ids_differ_where_visible_ids_do(ids: set[str]) -> None:
    names = formats.abbreviate(ids)
    assert set(names) == ids
    visible = {formats.clean(key) for key in ids}
    longest = max(map(len, visible), default=0)
    if longest <= 25 or len({text[:12] + text[-12:] for text in visible}) == len(visible):
        assert len(set(names.values())) == len(visible)


@given(st.text())
def test_clean_text_is_one_visible_line(text: str) -> None:
    cleaned = formats.clean(text)
    assert len(cleaned) == len(text)
    assert all(char.isprintable() or char.isspace() for char in cleaned)
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", cleaned)


amounts = st.decimals(min_value="-1e12", max_value="1e12", places=2)


@given(amounts, amounts)
def test_ticks_are_round_within_the_axis_and_few(one: Decimal, other: Decimal) -> None:
    low, high = min(one, other), max(one, other) + Decimal("0.01")
    found = ticks(low, high, Decimal("0.01"))
    assert len(found) <= 9
    assert all(low <= tick.value <= high for tick in found)
    steps = {after.value - before.value for before, after in pairwise(found)}
    assert len(steps) <= 1
    plain = [tick.text.replace(",", "").replace(MINUS, "-") for tick in found]
    assert [Decimal(text) for text in plain] == [tick.value for tick in found]


@given(st.datetimes(*YEARS), st.timedeltas(timedelta(seconds=1), timedelta(days=9000)))
def test_time_ticks_are_within_the_axis_and_few(first: datetime, length: timedelta) -> None:
    last = first + length
    found = time_ticks(first, last)
    assert len(found) <= 9
    assert all(first <= tick.value <= last for tick in found)
    days = {tick.value.date() for tick in found}
    if not any(":" in tick.text for tick in found):
        assert all(tick.value.time() == time.min for tick in found)
        assert [tick.text for tick in found] == [formats.day(tick.value) for tick in found]
    elif len(days) > 1:
        assert sum(" " in tick.text for tick in found) == len(days)
    else:
        assert len({tick.text for tick in found}) == len(found)


def test_time_axis_across_midnight_names_the_days() -> None:
    found = time_ticks(datetime(2026, 11, 23, 18), datetime(2026, 11, 24, 7))  # noqa: DTZ001
    assert [tick.text for tick in found] == [
        f"23{GAP}Nov 18:00",
        "20:00",
        "22:00",
        f"24{GAP}Nov 00:00",
        "02:00",
        "04:00",
        "06:00",
    ]


@given(st.text())
def test_a_string_of_toml_reads_back_as_it_was(text: str) -> None:
    told = formats.toml_text(text)
    assert tomllib.loads(f"key = {told}  # {formats.clean(text)}") == {"key": text}
    assert told.isprintable()
