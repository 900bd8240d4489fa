"""Round numbers and instants for the axes of charts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from settle_core import formats

_EPOCH = datetime(2000, 1, 3)  # noqa: DTZ001 a Monday; instants are UTC without a zone
_STEPS = (1, 2, 5, 10, 15, 30)  # of seconds and of minutes


class Tick(NamedTuple):
    """A place on an axis of amounts, and what to write there."""

    value: Decimal
    text: str


class TimeTick(NamedTuple):
    """A place on an axis of time, and what to write there."""

    value: datetime
    text: str


def ticks(low: Decimal, high: Decimal, unit: Decimal, most: int = 8) -> list[Tick]:
    """Find round amounts between two bounds.

    Args:
        low: the lower bound.
        high: the upper bound, above it.
        unit: the smallest amount there is; ticks are whole multiples of it.
        most: how many there may be at most.
    """
    width = high - low
    step = next(step for step in _round_steps(width) if width / step <= most and step % unit == 0)
    places = max(-int(step.normalize().as_tuple().exponent), 0)
    value = (low / step).to_integral_value(ROUND_CEILING) * step
    found = []
    while value <= high:
        found.append(Tick(value, formats.amount(round(value, places) + Decimal(0))))
        value += step
    return found


def _round_steps(width: Decimal) -> Iterator[Decimal]:
    unit = Decimal(10) ** (width.adjusted() - 2)
    while True:
        for factor in ("1", "2", "2.5", "5"):
            yield unit * Decimal(factor)
        unit *= 10


def time_ticks(low: datetime, high: datetime, most: int = 8) -> list[TimeTick]:
    """Find round instants between two bounds, written as finely as they need."""
    step = next(step for step in _time_steps() if (high - low) / step <= most)
    first = _EPOCH + -(-(low - _EPOCH) // step) * step
    found = []
    while first <= high:
        found.append(first)
        first += step
    return [TimeTick(value, text) for value, text in zip(found, _texts(found, step), strict=True)]


def _time_steps() -> Iterator[timedelta]:
    for micros in (1, 10, 100, 1000, 10_000, 100_000):
        for factor in (1, 2, 5):
            yield timedelta(microseconds=micros * factor)
    yield from (timedelta(seconds=step) for step in _STEPS)
    yield from (timedelta(minutes=step) for step in _STEPS)
    yield from (timedelta(hours=step) for step in (1, 2, 3, 6, 12))
    yield from (timedelta(days=step) for step in (1, 2, 7, 14, 28, 56, 91, 182, 364))
    step = timedelta(days=728)
    while True:
        yield step
        step *= 2


def _texts(values: Sequence[datetime], step: timedelta) -> list[str]:
    if step >= timedelta(days=1):
        return [formats.day(value) for value in values]
    texts = [_time(value, step) for value in values]
    dates = [value.date() for value in values]
    if len(set(dates)) > 1:  # the first one of each day says which day it is
        for at, day in enumerate(dates):
            if not at or dates[at - 1] != day:
                texts[at] = f"{formats.day(day)[:-5]} {texts[at]}"
    return texts


def _time(value: datetime, step: timedelta) -> str:
    if step >= timedelta(minutes=1):
        return f"{value:%H:%M}"
    if step >= timedelta(seconds=1):
        return f"{value:%H:%M:%S}"
    return f"{value:%H:%M:%S.%f}".rstrip("0").rstrip(".")
