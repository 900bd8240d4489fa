"""Where the weeks are off: accounts by weeks at a glance.

The sign is told by the hue and by the number printed in the cell, so that it reads in grey too.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from settle_core import formats
from settle_core.report.charts.canvas import Box, Canvas, Picture, heading, text_width, wrap

ACCOUNTS_MOST = 16
_WEEKS_MOST = 53
_WIDTH = 560  # of the sheet, px
_ROW = 24  # px
_WIDEST = 72  # px of a cell
_NARROW = 12  # px of a cell: below it, hardly any gap
# The filling of a cell is the same in a dark theme, so these are no colours of the theme.
_BLACK, _WHITE = "#000000", "#fefefe"


class Cell(NamedTuple):
    """The residual of an account's week now; masked: it was off in between."""

    account_id: str
    week_start: date
    residual: Decimal
    masked: bool = False
    href: str = ""


def heat_map(cells: Sequence[Cell], currency: str, weeks: Sequence[date]) -> Picture:
    """Show which accounts' weeks are off, the most affected accounts first.

    Args:
        cells: one for each account and week that is off or masked; others may be left out.
        currency: of all cells.
        weeks: the first days of all weeks to show, in order.
    """
    off = sum(1 for cell in cells if cell.residual)
    rows = most_affected(cells)[:ACCOUNTS_MOST]
    shown_weeks = _window(cells, weeks)
    title = "No settled week is off"
    if cells:
        title += (
            f" now, {formats.count(len(cells))} {'was' if len(cells) == 1 else 'were'} in between"
        )
    if off:
        which = (
            f"the {formats.count(off)} settled weeks that are"
            if off > 1
            else "the one week that is"
        )
        title = f"Residual of {which} off{_unit(currency)}"
    lines = heading(title, _WIDTH)
    names = formats.apart(rows, 14)
    left = 14 + max((text_width(name, formats.SMALL_PX) for name in names.values()), default=0)
    top = 12 + 18 * len(lines)
    bottom = top + (_ROW * len(rows) if rows else -20)
    notes = [
        note
        for text in _notes(cells, rows, weeks, shown_weeks)
        for note in wrap(text, _WIDTH - 8, formats.SMALL_PX)
    ]
    sheet = Canvas(_WIDTH, round(bottom + 32 + 16 * len(notes)), title)
    sheet.head(lines)
    pitch = min((_WIDTH - left - 4) / max(len(shown_weeks), 1), _WIDEST)
    by_place = {(cell.account_id, cell.week_start): cell for cell in cells}
    most = max((abs(cell.residual) for cell in cells), default=Decimal(0))
    gap = 2 if pitch > _NARROW else 0.5
    empty: list[Box] = []
    full: list[tuple[Box, Cell]] = []
    for row, account in enumerate(rows):
        y = top + _ROW * row
        name = names[account]
        sheet.text(
            (left - 8, y + 16), name, size=formats.SMALL_PX, color=formats.MUTED, align="right"
        )
        for column, week in enumerate(shown_weeks):
            x = left + pitch * column
            box = Box(x, y, x + pitch - gap, y + _ROW - 2)
            cell = by_place.get((account, week))
            if cell is not None and (cell.residual or cell.masked):
                full.append((box, cell))
            else:
                empty.append(box)
    sheet.rects(empty, formats.PALE)
    for box, cell in full:
        with sheet.told(_said(cell, currency), cell.href):
            _draw_cell(sheet, box, cell, most)
    if rows:
        _name_weeks(sheet, shown_weeks, left, pitch, bottom + 12)
    for number, line in enumerate(notes):
        at = 4, bottom + 34 + 16 * number
        sheet.text(at, line, size=formats.SMALL_PX, color=formats.MUTED)
    return sheet.picture


def _unit(currency: str) -> str:
    return f", {formats.brief(currency, 12)}" if currency else ""


def most_affected(cells: Sequence[Cell]) -> list[str]:
    """Order the accounts by how much their weeks are off."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for cell in cells:
        sums[cell.account_id] += abs(cell.residual)
    return sorted(sums, key=lambda account: (-sums[account], len(account), account))


def _window(cells: Sequence[Cell], weeks: Sequence[date]) -> list[date]:
    """Choose the weeks to show: all, or those in a row that hold most of what is off."""
    if len(weeks) <= _WEEKS_MOST:
        return list(weeks)
    sums: defaultdict[date, Decimal] = defaultdict(Decimal)
    for cell in cells:
        sums[cell.week_start] += abs(cell.residual)
    starts = range(len(weeks) - _WEEKS_MOST + 1)
    best = max(
        starts, key=lambda at: (sum(sums[week] for week in weeks[at : at + _WEEKS_MOST]), at)
    )
    return list(weeks[best : best + _WEEKS_MOST])


def _draw_cell(sheet: Canvas, box: Box, cell: Cell, most: Decimal) -> None:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    if not cell.residual:
        sheet.rects([box], formats.PALE)
        sheet.mark((x, y), "square", 3.5, formats.AMBER, formats.AMBER)
        return
    share = 0.1 + 0.88 * float(abs(cell.residual) / most) ** 0.7
    filling = _blend(formats.RED if cell.residual > 0 else formats.BLUE, share)
    sheet.rects([box], filling)
    tone = _on(filling)
    text = formats.short(cell.residual)
    for size in (10.0, 8.5, 7.5):
        if text_width(text, size) <= box.right - box.left - 3:
            sheet.text((x, y + size * 0.37), text, size=size, color=tone, align="center")
            return
    sheet.mark((x, y), "up" if cell.residual > 0 else "down", 2.5, tone, tone)


def _said(cell: Cell, currency: str) -> str:
    off = formats.signed(cell.residual) if cell.residual else "0, masked"
    unit = f" {formats.brief(currency, 12)}" if cell.residual and currency else ""
    account = formats.brief(cell.account_id, 160)
    return f"account {account}, week of {formats.day(cell.week_start)}: {off}{unit}"


def _on(filling: str) -> str:
    """Black or white, whichever reads better on a colour: at least 4.5 to 1 on any.

    The contrast is that of WCAG 2.2: (lighter + 0.05) / (darker + 0.05), of relative luminance.
    """
    linear = [_linear(int(filling[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    luminance = sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return _WHITE if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else _BLACK


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _blend(color: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def _name_weeks(sheet: Canvas, weeks: Sequence[date], left: float, pitch: float, y: float) -> None:
    names = [formats.day(week)[:-5] for week in weeks]
    size = 10.0
    widest = max((text_width(name, size) for name in names), default=0)
    every = max(int((widest + 4) // pitch) + 1, 1) if pitch else 1
    for column in range(0, len(weeks), every):
        at = left + pitch * (column + 0.5), y
        sheet.text(at, names[column], size=size, color=formats.MUTED, align="center")


def _notes(
    cells: Sequence[Cell], rows: Sequence[str], weeks: Sequence[date], shown: Sequence[date]
) -> list[str]:
    accounts = len({cell.account_id for cell in cells})
    notes = []
    if shown:
        notes.append(f"Weeks beginning {formats.day(shown[0])} to {formats.day(shown[-1])}.")
    if len(shown) < len(weeks):
        notes[-1] = f"{notes[-1][:-1]}, {len(shown)} of {formats.count(len(weeks), 'week')}."
    if len(rows) < accounts:
        notes.append(f"The {len(rows)} most affected of {formats.count(accounts, 'account')}.")
    if any(cell.residual for cell in cells):
        notes.append("Red: above the settled amount, blue: below; rounded.")
    if any(cell.masked and not cell.residual for cell in cells):
        notes.append("Amber square: masked, off in between and right again.")
    return [" ".join(notes)]
