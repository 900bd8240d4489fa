"""How counter-entries are rounded, in a system that posts no amount between two steps.

A rounded counter-entry leaves a part of what was owed. That part is off, and told as such; but the
counter-entry answers what it answers, and is no second answer, nor one of something else.
"""

from bisect import bisect_left
from collections.abc import Collection
from typing import Final, NamedTuple

# The ways to round, the likeliest first: of a positive number of halves of a step, whether its
# amount goes up to the next step. `floor` and `ceil` mind the sign, the others do not.
MODES: Final = ("half_up", "half_even", "half_down", "down", "up", "floor", "ceil")
# Where no one of them is it.
EITHER: Final = ("down", "up")


class Rounding(NamedTuple):
    """Amounts are whole steps (minor units), by one of the modes that the data leaves open."""

    step: int
    modes: tuple[str, ...]

    def of(self, owed: int, there: Collection[int] = ()) -> int:
        """What is posted where so much is owed: of several amounts one that is there, if any."""
        amounts = [rounded(owed, self.step, mode) for mode in self.modes]
        return next((amount for amount in amounts if amount in there), amounts[0])

    def fits(self, owed: int, amount: int) -> bool:
        """Whether an amount may be what was owed, rounded."""
        return abs(owed - amount) < self.step and any(
            rounded(owed, self.step, mode) == amount for mode in self.modes
        )

    def reach(self, amount: int) -> tuple[int, int]:
        """The least and the most that may have been owed where so much was posted."""
        offs = range(1, self.step + 1)
        least, most = (
            bisect_left(offs, x=1, key=lambda off: not self.fits(amount + sign * off, amount))
            for sign in (-1, 1)
        )
        return amount - least, amount + most


def rounded(owed: int, step: int, mode: str) -> int:
    """An amount as a mode rounds it to whole steps."""
    if mode in {"floor", "ceil"}:
        return owed // step * step if mode == "floor" else -(-owed // step) * step
    whole, rest = divmod(abs(owed), step)
    is_up = {
        "half_up": 2 * rest >= step,
        "half_even": 2 * rest > step or (2 * rest == step and whole % 2 == 1),
        "half_down": 2 * rest > step,
        "down": False,
        "up": rest > 0,
    }[mode]
    amount = (whole + is_up) * step
    return amount if owed > 0 else -amount
