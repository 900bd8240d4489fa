"""What is to be said of the rows of days that are alike: found of one, worded for each.

Of days of one pattern, in weeks judged on the same basis, one tells the role, cause and evidence of
the others, where a counter-entry is as far from what its writer missed. Ids and numbers differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.reconcile.causes import cause, sentences
from settle_core.reconcile.causes.cause import Found, Known
from settle_core.reconcile.patterns.searched import Searched
from settle_core.reconcile.policies.votes import Choice
from settle_core.reconcile.search.model import Explanation, Row
from settle_core.reconcile.search.search import Shape, filled

Places = NDArray[np.intp]
# So many days are compared together.
TOGETHER: Final = 4096


class Days(NamedTuple):
    """Days with something to say, of equally many rows.

    Attributes:
        rows: places of the rows of each day, in the order of recording.
        pattern: which of the patterns each day has.
        choice: by which of the choices its week is judged.
    """

    rows: Places
    pattern: Places
    choice: Places


class Pattern(NamedTuple):
    """The explanation of days of one pattern under the policy sum, and the rows of one of them."""

    shape: Shape
    rows: Sequence[Row]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Positions of rows by whose distance a cause is told: of its job, or missed."""
        for step in self.shape.steps:
            if step.role == "wrong":
                job_id = self.rows[step.position].job_id
                for k, row in enumerate(self.rows):
                    is_own = row.is_counter and row.job_id == job_id
                    if is_own or k in step.unseen:
                        yield step.position, k


def found(
    held: Searched,
    days: Days,
    patterns: Sequence[Pattern],
    choices: Sequence[Choice],
    known: Known,
) -> Iterator[Found]:
    """What is to be said of days.

    Args:
        held: the rows.
        days: which of them.
        patterns: all of them.
        choices: how their weeks are judged: by that policy, on any basis.
        known: what else is known.
    """
    firsts, of = _ways(held, days, patterns, known)
    in_turn = np.argsort(of, kind="stable")
    ends = np.cumsum(np.bincount(of, minlength=len(firsts))).tolist()
    size = days.rows.shape[1]
    rows = held.rows(days.rows[firsts].ravel().tolist())
    words = _Words(held, days.rows[in_turn].ravel(), known.scale)
    begin = 0
    for way, (first, end) in enumerate(zip(firsts.tolist(), ends, strict=True)):
        shape, choice = patterns[days.pattern[first]].shape, choices[days.choice[first]]
        explanation = filled(shape, rows[way * size : (way + 1) * size])
        told = list(cause.found(explanation, choice, known))
        if end - begin > 1:
            lines = _lines(shape, explanation, told)
            for day in range(begin * size, end * size, size):
                for line in lines:
                    yield words.found(day, line)
        else:
            yield from told
        begin = end


def _ways(
    held: Searched, days: Days, patterns: Sequence[Pattern], known: Known
) -> tuple[Places, Places]:
    """The first day of each way to judge a day, and the way of each day.

    Rows that tell more than a pattern knows are judged each by itself.
    """
    skew_us = known.profile.skew_us
    bounds_us = (1, cause.MOMENT_US, max(skew_us, cause.MOMENT_US), skew_us + 1)
    size = days.rows.shape[1]
    there, of = np.unique(days.pattern, return_inverse=True)
    matters = np.zeros((len(there), size, size), np.bool_)
    for k, number in enumerate(there.tolist()):
        for one, other in patterns[number].pairs():
            matters[k, min(one, other), max(one, other)] = True
    earlier, later = np.nonzero(matters.any(axis=0))
    matters = matters[:, earlier, later]
    is_alone = held.tells_more[days.rows].any(axis=1) | (held.job[days.rows] == 0).any(axis=1)
    alone = np.where(is_alone, np.arange(len(is_alone)), -1)
    keys = []
    for k in range(0, len(days.rows), TOGETHER):
        part = slice(k, k + TOGETHER)
        at_us = held.recorded_us[days.rows[part]]
        gap_us = at_us[:, later] - at_us[:, earlier]
        apart = (gap_us > cause.JOB_SPAN_US).astype(np.uint8)
        for bound_us in bounds_us:
            apart += gap_us >= bound_us
        attempt = held.attempt[days.rows[part]]
        apart += 2 * len(bounds_us) * (attempt[:, later] != attempt[:, earlier]).astype(np.uint8)
        apart *= matters[of.ravel()[part]]
        same = np.stack([days.pattern[part], days.choice[part], alone[part]], axis=1)
        keys.append(np.concatenate([same.astype(np.int64).view(np.uint8), apart], axis=1))
    key = np.ascontiguousarray(np.concatenate(keys))
    whole = key.view(np.dtype((np.void, key.shape[1]))).ravel()
    _, firsts, of = np.unique(whole, return_index=True, return_inverse=True)
    return firsts, of.ravel()


class _Line(NamedTuple):
    """What is told of one row of a day, by the positions of the rows in it.

    Attributes:
        position: of the row.
        role: as the search says.
        found: what is told of the row of the day that was judged.
        owed: the rows whose sum, negated, was expected.
        missed: the rows that its writer did not see, with whether each is a counter-entry, and by
            whom it was posted.
        parts: the rows that are one answer with it.
        others: the rows that could be blamed instead.
    """

    position: int
    role: str
    found: Found
    owed: tuple[int, ...]
    missed: tuple[tuple[int, bool, str], ...]
    parts: tuple[int, ...]
    others: tuple[int, ...]


def _lines(shape: Shape, explanation: Explanation, told: Iterable[Found]) -> list[_Line]:
    """What is told of one day, for the others that are judged the same way."""
    each = dict(zip((step.position for step in shape.steps), explanation.judged, strict=True))
    by_number = {one.row_number: one for one in told}
    blamed = {
        s.position for s in shape.steps if each[s.position].row.entry_id in explanation.blamed
    }
    others = {k for places in shape.alternatives for k in places - blamed}
    lines = []
    for step in shape.steps:
        row = each[step.position].row
        if row.number not in by_number:
            continue
        missed = [(k, each[k].row) for k in step.unseen]
        is_blamed = any(step.position not in places for places in shape.alternatives)
        lines.append(
            _Line(
                step.position,
                step.role,
                by_number[row.number],
                step.owed,
                tuple(
                    (
                        k,
                        other.is_counter,
                        sentences.by_whom(row.job_id, other.job_id, is_counter=other.is_counter),
                    )
                    for k, other in missed
                ),
                tuple(k for k in step.owed if step.is_told and each[k].row.is_counter),
                tuple(others) if is_blamed else (),
            )
        )
    return lines


class _Words:
    """The rows of days, one after the other, as plain values, and what is told of them."""

    def __init__(self, held: Searched, places: Places, scale: int) -> None:
        self._ids: list[str] = held.entry_id[places].tolist()
        self._numbers: list[int] = held.number[places].tolist()
        self._amounts: list[int] = held.amount[places].tolist()
        self._at_us: list[int] = held.recorded_us[places].tolist()
        self._scale = scale

    def found(self, day: int, line: _Line) -> Found:
        """What is told of a row of the day that begins at some place."""
        amounts, ids = self._amounts, self._ids
        at = day + line.position
        amount = amounts[at]
        expected = -sum([amounts[day + k] for k in line.owed])
        _, role, _, _, status, why, evidence, _, _, other_causes = line.found
        text = ""
        if line.role not in cause.TOLD_BY_SQL:
            told = " and ".join([self._missed(day, at, *other) for other in line.missed])
            text = sentences.sentence(
                line.role, "sum", amount, expected, told, evidence, self._scale
            )
        if line.parts:
            parts = [(ids[day + k], amounts[day + k]) for k in line.parts]
            text += sentences.together(amount, expected, parts, self._scale)
        if line.others:
            text += sentences.instead(ids[day + k] for k in line.others)
        is_open = line.role == "uncountered"
        return Found(
            self._numbers[at],
            role,
            -amount if is_open else expected,
            amount if is_open else amount - expected,
            status,
            why,
            evidence,
            ",".join([ids[day + k] for k, *_ in line.missed]),
            text,
            other_causes,
        )

    def _missed(self, day: int, at: int, position: int, is_counter: bool, by: str) -> str:  # noqa: FBT001
        other = day + position
        gap_us = self._at_us[at] - self._at_us[other]
        return sentences.named(
            self._ids[other], self._amounts[other], gap_us, by, self._scale, is_counter=is_counter
        )
