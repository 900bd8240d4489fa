"""Candidates for a profile, each tried on the export: the one whose weeks agree is kept."""

import logging
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from operator import ne
from pathlib import Path
from typing import Final, NamedTuple

from settle_core import formats, sql
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.checks import agreement
from settle_core.exports.checks.misreading import WEEKS_MIN
from settle_core.exports.draft.choices import Choice, Form, Open, Sections, put, text
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger
from settle_core.exports.reading.rejected import Rejected

_LOG: Final = logging.getLogger(__name__)
# So many in a row that do no better, while weeks do not agree, are no way to a right one; what one
# form alone mends is tried all the same, and what two do where reading takes no time.
HOPELESS: Final = 16
REJECTED_MAX: Final = 100  # that are looked at
# Where fewer of the weeks agree, nothing tells that rows that are set aside are none of entries.
LEAVING_SHARE: Final = 0.5
CUT: Final = "..."  # a long row ends so


Rank = tuple[bool, bool, float]


class Effort(NamedTuple):
    """How many candidates are tried, and up to how many changes where none of them is better."""

    candidates: int
    changes: int


# By the bytes of an export, which is read once for each candidate; of a large one only the
# likeliest are tried.
EFFORTS: Final = ((50_000_000, Effort(8, 1)), (1_000_000, Effort(60, 1)), (0, Effort(60, 2)))


class Score(NamedTuple):
    """How well a candidate reads: rows accepted, and weeks that agree, of those that tell.

    `rejected`: the rows that are not accepted, where these few alone speak against it; `late`: how
    many came after their week was settled; `aside`: how many are none of the ledger's business;
    `are_few`: whether no more are rejected than leave the weeks to tell something.
    """

    is_whole: bool
    agreeing: int
    telling: int
    rejected: tuple[Rejected, ...] = ()
    late: int = 0
    aside: int = 0
    are_few: bool = True

    @property
    def rank(self) -> Rank:
        """What is compared."""
        return self.is_whole, self.are_few, self.agreeing / max(self.telling, 1)

    @property
    def is_convincing(self) -> bool:
        """Whether nothing else needs to be tried."""
        return self.is_whole and self.is_fine

    @property
    def is_fine(self) -> bool:
        """Whether the weeks agree."""
        fine = self.agreeing >= agreement.SHARE_FINE * self.telling
        return fine and self.telling >= WEEKS_MIN


def settled(folder: Path, sections: Sections, opens: Sequence[Open]) -> tuple[Sections, Ledger]:
    """The sections with each open form decided: by the weeks where they tell, else guessed.

    The export comes along, read by them.

    Raises:
        Fault: no candidate can be audited; what the best one was refused for.
    """
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    effort = next(each for least, each in EFFORTS if size >= least)

    held: dict[tuple[int, ...], Ledger] = {}  # the best one's alone: each holds all rows
    top: list[Rank] = [_rank(None)]

    @cache
    def score(chosen: tuple[int, ...]) -> Score | None:
        _LOG.info("trying a reading")
        found, ledger = _tried(folder, text(put(sections, opens, chosen)))
        if ledger is not None and _rank(found) > top[0]:
            held.clear()
            held[chosen], top[0] = ledger, _rank(found)
        return found

    first = (0,) * len(opens)
    best = _best(opens, score, effort, first, needed=False)
    # What may be needed as well is looked for from the best so far, then from where that began.
    for start in dict.fromkeys((best, first)) if any(each.if_needed for each in opens) else ():
        found = score(best)
        if found and found.is_convincing:
            break
        other = _best(opens, score, effort, start, needed=True)
        told = score(other)
        if told and told.telling >= WEEKS_MIN and _rank(told) > _rank(found):
            best = other
            break
    best = _put_to_the_test(opens, score, best)
    profile = profiles.parse(text(put(sections, opens, best)), "first profile")
    ledger = held.pop(best, None)
    ledger = agreement.checked(ledger) if ledger else checked.read(folder, profile)
    _demand_rows(folder, ledger)
    found = score(best)
    if found and found.telling and not found.agreeing:
        raise Fault(
            "no reading of the files makes a settled week agree",
            where=str(folder),
            expected="a week that was settled at what was recorded by then",
            found=f"0 of {found.telling}",
            todo="write the profile by hand, and look first whether the right files are there",
        )
    made = _told(sections, opens, best, score)
    if found and found.aside and found.agreeing < LEAVING_SHARE * found.telling:
        raise Fault(
            "no reading of the files makes the settled weeks agree",
            where=str(folder),
            expected="most weeks settled at what was recorded by then, before rows are left out",
            found=f"{found.agreeing:,} of {found.telling:,} by the best one, which sets "
            f"{formats.count(found.aside, 'row')} aside",
            todo="write the profile by hand, and look first how the export tells signs and kinds",
        )
    if found and not found.late:
        _demand_moments(folder, made)
    return made, ledger


def _demand_moments(folder: Path, sections: Sections) -> None:
    """Refuse days for the clock of writing by which no row came late: they may as well be it not.

    A second column of the day makes all weeks agree.
    """
    resolution = sections["clock"].get("resolution")
    if resolution and resolution.value == '"day"':
        recorded = sections["entries.columns"].get("recorded_at")
        raise Fault(
            "nothing tells when rows were written",
            where=str(folder),
            expected="an instant in each row, or a day that is after its week's settlement in some",
            found=f"{recorded.value if recorded else 'recorded_at'}, by which no row came late",
            todo="export when each row was written; if that is it and nothing came late, write the "
            "profile by hand",
        )


def _demand_rows(folder: Path, ledger: Ledger) -> None:
    """Refuse a candidate by which no row of a file can be read."""
    empty = [each.path for each in ledger.inputs if not each.rows_accepted and each.rows_read]
    if empty and ledger.rejected:
        first = ledger.rejected[0]
        raise Fault(
            "no row of the file can be read",
            where=str(folder),
            expected="rows of entries, and of settlements",
            found=f"none in {', '.join(empty)}; {first.file}, line {first.line}: {first.reason}",
            todo="write the profile by hand",
        )
    if _are_many(ledger):
        first = ledger.rejected[0]
        raise Fault(
            "no reading takes all rows of the files",
            where=str(folder),
            expected="hardly a row that is rejected",
            found=f"{formats.count(len(ledger.rejected), 'row')} rejected by the best one; "
            f"{first.file}, line {first.line}: {first.reason}",
            todo="mend that in the export, or write the profile by hand: entries.skip and "
            "settlements.skip set rows aside that are of something else",
        )


def _rank(score: Score | None) -> Rank:
    return score.rank if score else (False, False, -1.0)


def _best(
    opens: Sequence[Open],
    score: Callable[[tuple[int, ...]], Score | None],
    effort: Effort,
    start: tuple[int, ...],
    *,
    needed: bool,
) -> tuple[int, ...]:
    """The best reading among those nearest to one, by how many forms are others."""

    def changes(chosen: tuple[int, ...]) -> int:
        return sum(map(ne, chosen, start))

    ways = [range(len(o.forms)) if needed or not o.if_needed else range(1) for o in opens]
    every = sorted(product(*ways), key=lambda chosen: (changes(chosen), sum(chosen)))
    best, since = start, 0
    for chosen in every[: effort.candidates]:
        found = score(best)
        since += 1
        is_fine = found is not None and found.is_fine
        if since > HOPELESS and not is_fine and changes(chosen) > effort.changes:
            break
        if found and found.is_fine and found.rejected and not _may_take(opens, best, chosen, found):
            continue
        if _rank(score(chosen)) > _rank(found) and not _takes_more(score(chosen), found):
            best, since = chosen, 0
        found = score(best)
        if found and found.is_convincing and found.agreeing == found.telling:
            break
    return best


def _takes_more(other: Score | None, found: Score | None) -> bool:
    """Whether a reading sets more aside than the rows that nothing reads, though weeks agree."""
    if not (other and found and found.is_fine and found.rejected):
        return False
    return other.aside - found.aside > len(found.rejected)


def _put_to_the_test(
    opens: Sequence[Open],
    score: Callable[[tuple[int, ...]], Score | None],
    best: tuple[int, ...],
) -> tuple[int, ...]:
    """Of readings by which as many weeks agree, one by which rows came late, if there is one.

    A day taken for the clock, and the clock for the day, makes every week agree: no row is late.
    """
    own = score(best)
    if own is None or own.late:
        return best
    for place, each in enumerate(opens):
        for k in range(len(each.forms)) if each.of_clocks else ():
            other = (*best[:place], k, *best[place + 1 :])
            found = score(other)
            if found and found.late and _rank(found) >= _rank(own):
                return other
    return best


def _may_take(
    opens: Sequence[Open], best: tuple[int, ...], chosen: tuple[int, ...], found: Score
) -> bool:
    """Whether another form might take the rows that one rejects by which the weeks agree.

    Each is tried alone: a row that is no row by any of them was tried by all of all others.
    """
    changed = [k for k, each in enumerate(chosen) if each != best[k]]
    if len(changed) != 1:
        return False
    (place,) = changed
    form = opens[place].forms[chosen[place]]
    return not opens[place].of_sums and all(_concerns(form, row) for row in found.rejected)


def _concerns(form: Form, rejected: Rejected) -> bool:
    """Whether a form that sets rows aside would set that one aside; others may read it."""
    for _, key, told in form.sets:
        values = tomllib.loads(f"v = {told}")["v"] if key in {"only", "skip"} else {}
        for value in (each for listed in values.values() for each in listed):
            if (value in rejected.row) != (key == "skip") and not rejected.row.endswith(CUT):
                return False
    return True


def _tried(folder: Path, text: str) -> tuple[Score | None, Ledger | None]:
    try:
        ledger = Ledger.read(folder, profiles.parse(text, "candidate"), is_trial=True)
        if not all(each.rows_accepted for each in ledger.inputs):
            return None, None
        count = agreement.counted(ledger)
    except Fault:
        return None, None
    few = not _are_many(ledger)
    found = Score(
        is_whole=False, agreeing=count.telling_agreeing, telling=count.telling, are_few=few
    )
    if count.telling >= WEEKS_MIN and not count.telling_agreeing:
        return found, ledger  # is refused, whatever it is for
    try:
        agreement.demand(ledger)
    except Fault:
        return found, ledger
    ledger.con.execute(sql.text("exports/draft", "mark_row"))
    late = ledger.con.view("dated_row").filter("is_late").count("*").fetchall()[0][0]
    return Score(
        is_whole=not len(ledger.rejected),
        agreeing=count.telling_agreeing,
        telling=count.telling,
        rejected=tuple(ledger.rejected[:REJECTED_MAX]) if few else (),
        late=late,
        aside=sum(each.rows_set_aside for each in ledger.inputs),
        are_few=few,
    ), ledger


def _are_many(ledger: Ledger) -> bool:
    """Whether more rows are rejected than leave the weeks to tell something."""
    rows = sum(each.rows_read for each in ledger.inputs)
    return len(ledger.rejected) > agreement.REJECTED_SHARE_MAX * rows


def _told(
    sections: Sections,
    opens: Sequence[Open],
    best: tuple[int, ...],
    score: Callable[[tuple[int, ...]], Score | None],
) -> Sections:
    """The chosen sections, each decided key with its reason, each guessed one with its rivals."""
    made = put(sections, opens, best)
    told: dict[tuple[str, str], Choice] = {}
    own = score(best)
    for place, each in enumerate(opens):
        form = each.forms[best[place]]
        others = [k for k in range(len(each.forms)) if k != best[place]]
        tied = [
            each.forms[k]
            for k in others
            if (not each.if_needed or best[place])
            and _rank(score((*best[:place], k, *best[place + 1 :]))) >= _rank(own)
        ]
        for section, key, value in form.sets:
            rivals = [other.name for other in tied if (section, key, value) not in other.sets]
            why, is_sure = form.name, not rivals
            if rivals:
                why += f"; {' and '.join(rivals)} would agree as well"
            elif others and own and own.telling >= WEEKS_MIN:
                why += f": {own.agreeing} of {own.telling} weeks agree"
            elif others and not (each.if_needed and not best[place]):
                why, is_sure = f"{why}; too few weeks tell", False
            before = told.get((section, key))
            if before:
                why, is_sure = f"{before.why}; {why}", before.is_sure and is_sure
            told[section, key] = Choice(made[section][key].value, why, is_sure)
            made[section][key] = told[section, key]
    return made
