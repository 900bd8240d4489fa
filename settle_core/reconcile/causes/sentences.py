"""The sentence of a row that is not as it should be: what was expected, found, and not seen.

All of it is of plain values, so that rows and columns of rows are told by the same words.
"""

from collections.abc import Iterable

from settle_core import formats


def money(minor: int, scale: int) -> str:
    """Minor units as plain text in major units: `money(-54141, 2)` is `-541.41`."""
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(scale + 1, "0")
    return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def sentence(  # noqa: PLR0913, PLR0917  plain values
    role: str, policy: str, amount: int, expected: int, told: str, evidence: str, scale: int
) -> str:
    """What was expected, what was found and what the writer did not see, with the numbers.

    Args:
        role: of the row, as the search says.
        policy: how its unit is balanced.
        amount: of the row, minor units; `expected` likewise.
        expected: see there.
        told: the rows that its writer did not see, by `named`, and what else it recorded.
        evidence: of the cause.
        scale: decimals of money.
    """
    found = _found(amount, expected, scale)
    if role == "compensating":
        return (
            f"{found}: its writer saw the sum that earlier wrong counter-entries had left, "
            f"off by {money(expected - amount, scale)}, and took that back."
        )
    if role == "unexplained":
        if told:
            return f"{found}: it fits a writer who did not see {told}."
        return f"{found}: no rows before it add up to what it offsets."
    if policy == "delta":
        if told:
            doubt = _doubt(evidence, "a repeated job or a stale read")
            return f"{found}: its late entry was already answered by {told}.{doubt}"
        return f"{found}: it answers a late entry of another amount."
    doubt = _doubt(evidence, "a stale read, a race or a repeated job")
    saw = money(-amount, scale)
    return f"{found}: its writer saw a residual of {saw} and did not see {told}.{doubt}"


def rounded(role: str, amount: int, expected: int, step: int, scale: int) -> str:
    """What is off where counter-entries are rounded to a step; all in minor units."""
    to = f"rounded to {money(step, scale)}, as other counter-entries are"
    if role == "small":
        return f" What was owed comes to nothing, {to}."
    what = "is what was owed" if role == "rounded" else "takes back what earlier ones had left"
    return f"{_found(amount, expected, scale)}: it {what}, {to}."


def _found(amount: int, expected: int, scale: int) -> str:
    return (
        f"Expected {money(expected, scale)}, found {money(amount, scale)}, "
        f"off by {money(amount - expected, scale)}"
    )


def named(  # noqa: PLR0913  plain values
    entry_id: str, amount: int, gap_us: int, by: str, scale: int, *, is_counter: bool
) -> str:
    """A row that a writer did not see.

    Args:
        entry_id: its id.
        amount: minor units.
        gap_us: how long before the writer's own row it was recorded, microseconds.
        by: whose it is, by `by_whom`.
        scale: decimals of money.
        is_counter: whether it is a counter-entry.
    """
    kind = "counter-entry" if is_counter else "entry"
    when = "earlier" if gap_us >= 0 else "later by the clock"
    span = formats.span(abs(gap_us) / 1e6).replace(formats.GAP, " ")
    return f"{kind} {entry_id} of {money(amount, scale)}{by} {span} {when}"


def by_whom(job_id: str | None, other_job_id: str | None, *, is_counter: bool) -> str:
    """Whether a counter-entry was posted by the job of another row, if both tell their job."""
    if not is_counter or job_id is None or other_job_id is None:
        return ""
    return ", posted by the same job" if other_job_id == job_id else ", posted by another job"


def _doubt(evidence: str, set_of_causes: str) -> str:
    if evidence == "undetermined":
        return f" The data does not tell whether by {set_of_causes}."
    return ""


def together(amount: int, expected: int, parts: Iterable[tuple[str, int]], scale: int) -> str:
    """Names the rows, by id and amount, that are one answer with a counter-entry."""
    parts = list(parts)
    if not parts:
        return ""
    rows = " and ".join(f"{entry_id} of {money(each, scale)}" for entry_id, each in parts)
    rest = sum(each for _, each in parts)
    return (
        f" With {rows} it is one answer of {money(amount + rest, scale)}, where"
        f" {money(rest + expected, scale)} was owed."
    )


def instead(others: Iterable[str]) -> str:
    """Names what else could be blamed just as well."""
    named_others = ", ".join(sorted(others))
    return f" Equally well explained with {named_others} to blame instead." if named_others else ""
