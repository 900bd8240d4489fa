"""One story in the forms of other systems: its rows, and what an audit of any form must find."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from settle_core.audit import Audit, audit
from settle_core.exports.draft import draft

STORY = Path(__file__).parents[1] / "data" / "minimal" / "report_36-reopened-and-settled-again"
Row = dict[str, str]
Cells = Sequence[Sequence[str]]


@cache
def story(table: str) -> tuple[Row, ...]:
    with (STORY / "export" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    if table == "settlements":
        return rows
    # A row that was put right before its week was settled: so that signs come before that too.
    more = [
        dict(rows[0], entry_id=str(100 + k), account_id=a, amount=f"-{k}.5{k}", recorded_at=AT)
        for k, a in enumerate(("900", "901", "902"))
    ]
    return (*rows, *more)


AT = "2026-03-09 03:00:00.000000Z"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def day(text: str, form: str) -> str:
    return f"{date.fromisoformat(text):{form}}"


def write(path: Path, rows: Iterable[Sequence[str]], delimiter: str = ",", **how: str) -> None:
    encoding, head, foot = how.get("encoding", "utf-8"), how.get("head", ""), how.get("foot", "")
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(head)
        csv.writer(file, delimiter=delimiter).writerows(rows)
        file.write(foot)


def plain_settlements(folder: Path, change: Callable[[Row], Row] = lambda r: r, **how: str) -> None:
    rows = [change(dict(r)) for r in story("settlements")]
    write(folder / "settlements.csv", [list(rows[0]), *(list(r.values()) for r in rows)], **how)


@cache
def canonical(root: Path) -> Audit:
    rows = [list(r.values()) for r in story("entries")]
    write(root / "canonical" / "entries.csv", [list(story("entries")[0]), *rows])
    plain_settlements(root / "canonical")
    return audit.run(root / "canonical", "canonical")


def held_to_the_story(export: Path, root: Path) -> None:
    """A first profile reads an export as it was: the findings are those of the story."""
    told = draft.guess(export)
    (export.parent / "first.toml").write_text(told.text, "utf-8")
    found = audit.run(export, str(export.parent / "first.toml"))
    plain = canonical(root)
    assert sorted(str(f.effect) for f in found.findings) == sorted(
        str(f.effect) for f in plain.findings
    )
    assert [row.reason for row in found.rejected] == []
    assert found.agreement.agreeing == plain.agreement.agreeing
    assert found.inputs[0].totals[0][1] == plain.inputs[0].totals[0][1]
