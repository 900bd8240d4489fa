"""Walks to be drawn, and what stands in a drawn picture."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree as ET

from settle_core.audit.walk import Kind, Role, Step, Walk
from settle_core.report.charts.canvas import Box, Picture, text_box, text_width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<img src=x onerror=alert(1)>$\\alpha$\x00\N{RIGHT-TO-LEFT OVERRIDE}&\"'</svg>"
SUNDAY = date(2026, 9, 6)
RECORDED = datetime(2026, 11, 23, 9, 45, 47, 734000)  # noqa: DTZ001 UTC, as everywhere


def step(  # noqa: PLR0913
    entry_id: str,
    amount: str,
    role: Role,
    *,
    after: float = 0.0,
    expected: str | None = None,
    unseen: tuple[str, ...] = (),
    job: str | None = "56862ef0a9d7",
) -> Step:
    """A step so many seconds after the first one; its role tells its kind."""
    kind: Kind = "entry" if role in {"late", "uncountered"} else "counter"
    owed = None if expected is None else Decimal(expected)
    at = RECORDED + timedelta(seconds=after)
    return Step(entry_id, kind, Decimal(amount), at, job, role, owed, unseen)


def walk(*steps: Step, account_id: str = "35", currency: str = "EUR") -> Walk:
    """The walk of a day."""
    monday = SUNDAY - timedelta(days=6)
    return Walk(account_id, currency, "day", SUNDAY, monday, steps)


MASKED = walk(
    step("7738", "75.00", "late"),
    step("7743", "466.41", "late", after=0.01),
    step("7745", "-541.41", "right", after=0.027, expected="-541.41"),
    step("7751", "-541.41", "duplicate", after=0.043, expected="0.00", unseen=("7745",)),
    step("8336", "-323.26", "late", after=10.682),
    step("8342", "864.67", "compensating", after=10.696, expected="323.26"),
)


def _long() -> Walk:
    steps = []
    for at in range(0, 60, 4):
        first, second = Decimal(at * 37 % 900) / 7, Decimal(at * 61 % 900) / -11
        first, second = round(first + 1, 2), round(second - 1, 2)
        owed = str(-first - second)
        base = at / 10
        steps += [
            step(str(7000 + at), str(first), "late", after=base),
            step(str(7001 + at), str(second), "late", after=base + 0.02),
            step(str(7002 + at), owed, "right", after=base + 0.05, expected=owed),
        ]
        if at % 3:
            steps.append(step(str(7003 + at), str(first), "late", after=base + 0.07))
        else:
            unseen = (str(7002 + at),)
            again = step(str(7003 + at), owed, "duplicate", expected="0", unseen=unseen)
            steps.append(again)
    return walk(*steps)


def _fan() -> Walk:
    steps = [step("1", "100.00", "late"), step("2", "40.00", "late"), step("3", "-140.00", "right")]
    for at in range(7):
        unseen = tuple(str(3 + earlier) for earlier in range(at + 1))
        steps.append(step(str(4 + at), "-140.00", "duplicate", expected="0.00", unseen=unseen))
    return walk(*steps)


def _delta() -> Walk:
    plain = walk(
        step("1", "75.00", "late"),
        step("2", "-75.00", "right", after=1, expected="-75.00"),
        step("3", "-75.00", "duplicate", after=22, expected="0.00", unseen=("2",)),
    )
    return replace(plain, policy="delta")


WALKS = {
    "masked": MASKED,
    "answered": walk(step("1", "5.00", "late"), step("2", "-5.00", "right", after=0.01)),
    "cancelled": walk(step("1", "5.00", "late"), step("2", "-5.00", "late", after=0.01)),
    "lost": walk(step("1", "5.00", "uncountered")),
    "twice_wrong": walk(
        step("1", "50.00", "late"),
        step("2", "50.00", "late"),
        step("3", "-100.00", "right", expected="-100.00"),
        step("4", "-100.00", "duplicate", expected="0.00", unseen=("3",)),
        step("5", "-100.00", "duplicate", expected="0.00", unseen=("3", "4")),
    ),
    "huge_and_tiny": walk(
        step("1", "1250000000.00", "late"),
        step("2", "0.01", "late", after=1),
        step("3", "-1250000000.01", "right", after=2),
        step("4", "-1250000000.01", "duplicate", after=3, expected="0.00", unseen=("3",)),
        step("5", "0.02", "late", after=4),
        step("6", "1249999999.99", "compensating", after=5, expected="-0.02"),
    ),
    "satoshi": walk(
        step("a", "0.00000001", "late"),
        step("b", "-0.00000001", "right", after=1),
        step("c", "-0.00000001", "duplicate", after=2, expected="0", unseen=("b",)),
        currency="BTC",
    ),
    "gap": walk(
        step("1", "100.00", "late"),
        step("2", "-100.00", "right", after=0.1),
        step("3", "30.00", "late", after=0.2),
        step("4", "-30.00", "right", after=0.3),
        step("5", "7.00", "late", after=0.35),
        step("6", "-107.00", "wrong", after=0.4, expected="-7.00", unseen=("2",)),
        step("7", "9.00", "uncountered", after=3.4),
        step("8", "17.77", "unexplained", after=9, expected="0.00"),
    ),
    "from_nothing": walk(
        step("1", "75.00", "late"),
        step("2", "-75.00", "right", after=1),
        step("3", "0.00", "wrong", after=2, expected="-1.00", unseen=("1", "2")),
    ),
    "orphan": walk(step("1", "-75.00", "orphan", expected="0.00")),
    "delta": _delta(),
    "long": _long(),
    "fan": _fan(),
    "many_days": walk(
        *(
            step(f"3f2c1a90-77aa-4e0e-9b1c-{at:012d}", str((-1) ** at * 1000), role, after=at * 1e5)
            for at in range(8)
            for role in (("right" if at % 2 else "late"),)
        ),
        currency="JPY",
        account_id="ACCT-EMEA-000000000000000000035-FR",
    ),
    "hostile": walk(
        step(HOSTILE + "1", "75.00", "late", job=HOSTILE),
        step(HOSTILE + "2", "-75.00", "right", after=1, expected="-75.00", job=HOSTILE),
        step(HOSTILE + "3", "-75.00", "duplicate", expected="0.00", unseen=(HOSTILE + "2",)),
        account_id=HOSTILE,
        currency=HOSTILE,
    ),
}


class Label(NamedTuple):
    """A text of a picture, and the box that it takes."""

    text: str
    color: str
    box: Box


def parse(picture: Picture) -> ET.Element:
    """The picture's elements."""
    return ET.fromstring(picture.svg)  # noqa: S314 our own


def labels(picture: Picture) -> list[Label]:
    """All texts that run from left to right."""
    found = []
    for node in parse(picture).iter(f"{SVG}text"):
        if "transform" in node.attrib:
            continue
        text, size = node.text or "", float(node.attrib["font-size"])
        width = text_width(text, size, bold="font-weight" in node.attrib)
        anchor = node.get("text-anchor", "start")
        x, y = float(node.attrib["x"]), float(node.attrib["y"])
        align = {"start": "left", "middle": "center", "end": "right"}[anchor]
        box = text_box(x, y, width, size, align)  # type: ignore[arg-type]
        found.append(Label(text, node.attrib["fill"], box))
    return found


def texts(picture: Picture) -> list[str]:
    """All texts of a picture."""
    return [node.text or "" for node in parse(picture).iter(f"{SVG}text")]


def overlaps(found: list[Label]) -> list[tuple[str, str]]:
    """Pairs of texts that touch by more than a pixel."""
    return [
        (one.text, other.text)
        for at, one in enumerate(found)
        for other in found[at + 1 :]
        if one.box.left + 1 < other.box.right
        and other.box.left + 1 < one.box.right
        and one.box.top + 1 < other.box.bottom
        and other.box.top + 1 < one.box.bottom
    ]
