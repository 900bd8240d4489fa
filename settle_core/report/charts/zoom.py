"""Charts for JupyterLab to move and enlarge, in the Vega-Lite 5 that comes with it.

Each stands beside our own SVG in one output: JupyterLab takes it, everything else (report, paper,
nbconvert, a page on the web) takes the SVG. No package makes it, and nothing is fetched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from settle_core import formats
from settle_core.audit.walk import NOT_RIGHT, WRONG, Step, Walk
from settle_core.report.charts import heat_map as maps
from settle_core.report.charts import walk_text
from settle_core.report.charts.canvas import wrap
from settle_core.report.charts.heat_map import Cell
from settle_core.report.charts.timeline import Moment, thin

MIME: Final = "application/vnd.vegalite.v5+json"
ACCOUNTS_MOST: Final = 500  # of a heat map
_CELLS_MOST: Final = 5000
_IDS_MOST: Final = 4  # findings named at a cell
_WIDTH: Final = 620
_HEIGHT: Final = 220
_EITHER: Final = "#797979"  # of text: 4.3:1 on a light ground and on a dark one
_APART: Final = {"labelOverlap": True, "labelSeparation": 8}
_QUIET: Final = "#737d86"  # of lines: seen on a light ground and on a dark one, as the others are
_RED: Final = "#d0503f"
_BLUE: Final = "#4682c0"
_AMBER: Final = "#b07a1e"
_GREEN: Final = "#2b8f6d"
_LINES: Final = (("net", _BLUE, [1, 0]), ("gross", _QUIET, [5, 2]))
_STATES: Final = (("above", _RED), ("below", _BLUE), ("masked", _AMBER))
# What a step is: its colour and form.
_STEPS: Final = (
    ("late entry", _BLUE, "circle"),
    ("counter-entry", _QUIET, "triangle-down"),
    ("wrong", _RED, "diamond"),
    ("compensating", _AMBER, "square"),
)
_BESIDE: Final = "datum.rises ? -13 : 15"  # px from a step to its amount


@dataclass(frozen=True, slots=True)
class Zoomed:
    """One picture in two forms: the SVG, and what JupyterLab draws in its place."""

    svg: str
    spec: dict[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {MIME: self.spec, "image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        """Stand for the picture where only text is shown."""
        return "<chart>"


def over_time(
    svg: str, moments: Sequence[tuple[datetime, Decimal, Decimal]], currency: str
) -> Zoomed:
    """Show a residual over time, to be enlarged by the wheel and moved by the mouse.

    Args:
        svg: the same as our own picture.
        moments: (instant, net, gross) in order of time, of two instants at least: Vega finds no
            end in a scale of none.
        currency: of all of them.
    """
    rows = [
        {"at": at.isoformat(timespec="milliseconds"), "line": name, "value": str(value)}
        for at, *pair in thin([Moment(*moment) for moment in moments])
        for (name, _, _), value in zip(_LINES, pair, strict=True)
    ]
    names, tones, dashes = ([line[place] for line in _LINES] for place in range(3))
    unit = formats.brief(currency, 12)
    first, last = moments[0][0], moments[-1][0]
    is_one_day = first.date() == last.date()
    spec = _frame(
        rows,
        height=_HEIGHT,
        mark={"type": "line", "interpolate": "step-after", "tooltip": True},
        params=[{"name": "part", "select": "interval", "bind": "scales"}],
        encoding={
            "x": {
                "field": "at",
                "type": "temporal",
                "scale": {"type": "utc"},
                "axis": _APART | {"format": "%H:%M:%S" if is_one_day else "%Y-%m-%d"},
                "title": f"{formats.day(first)}, UTC" if is_one_day else "UTC",
            },
            "y": {"field": "value", "type": "quantitative", "title": unit},
            "color": {"field": "line", "scale": {"domain": names, "range": tones}, "title": None},
            "strokeDash": {"field": "line", "scale": {"domain": names, "range": dashes}},
        },
    )
    return Zoomed(svg, spec)


def heat_map(
    cells: Sequence[Cell], currency: str, found: Mapping[tuple[str, date], Sequence[str]]
) -> dict[str, Any]:
    """Show the weeks that are off, of all accounts, to be enlarged along the weeks.

    A click on a cell picks its account out.

    Args:
        cells: the weeks that are off or masked.
        currency: of all of them.
        found: the ids of the findings of an account's week.
    """
    ranked = maps.most_affected(cells)[:ACCOUNTS_MOST]
    place = {account: at for at, account in enumerate(ranked)}
    names = formats.apart(ranked, 24)
    shown = sorted(
        (cell for cell in cells if cell.account_id in place),
        key=lambda cell: (place[cell.account_id], cell.week_start),
    )[:_CELLS_MOST]
    rows = [_cell(each, names[each.account_id], currency, found) for each in shown]
    states, tones = ([each[at] for each in _STATES] for at in range(2))
    told = [{"field": name} for name in ("account", "week", "residual", "findings")]
    left = len({cell.account_id for cell in cells}) - len({row["account"] for row in rows})
    more = f", {formats.count(left)} more accounts are not shown" if left else ""
    size = {"field": "size", "type": "quantitative", "scale": {"range": [0.4, 1]}, "legend": None}
    unit = f", {formats.brief(currency, 12)}" if currency else ""
    return _frame(
        rows,
        title=f"Residual of the settled weeks that are off{unit}{more}",
        height={"step": 18},
        mark={"type": "rect", "cursor": "pointer"},
        params=[
            {
                "name": "part",
                "select": {"type": "interval", "encodings": ["x"]},
                "bind": "scales",
            },
            {"name": "one", "select": {"type": "point", "fields": ["account"]}},
        ],
        encoding={
            "x": {
                "field": "week",
                "type": "temporal",
                "scale": {"type": "utc"},
                "axis": _APART
                | {
                    "format": "%Y-%m-%d",
                    "values": _instants(sorted({each.week_start for each in shown})),
                },
                "title": "week beginning",
            },
            "x2": {"field": "until"},
            "y": {"field": "account", "type": "ordinal", "sort": None, "title": "account"},
            "color": {
                "field": "state",
                "scale": {"domain": states, "range": tones},
                "legend": {"title": None, "symbolOpacity": 1},
            },
            "opacity": {"condition": {"param": "one"} | size, "value": 0.12},
            "tooltip": told,
        },
    )


def _instants(days: Sequence[date]) -> list[int]:
    """The beginnings of days, as Vega counts time."""
    first = date(1970, 1, 1)
    return [(day - first).days * 86_400_000 for day in days]


def _cell(
    cell: Cell, name: str, currency: str, found: Mapping[tuple[str, date], Sequence[str]]
) -> dict[str, Any]:
    off = f"{formats.signed(cell.residual)} {formats.brief(currency, 12)}".strip()
    ids = found.get((cell.account_id, cell.week_start), ())
    return {
        "account": name,
        "week": cell.week_start.isoformat(),
        "until": (cell.week_start + timedelta(days=7)).isoformat(),
        "residual": off if cell.residual else "0, masked",
        "size": float(abs(cell.residual)) ** 0.5,
        "state": "masked" if not cell.residual else "above" if cell.residual > 0 else "below",
        "findings": ", ".join(each[:8] for each in ids[:_IDS_MOST]),
    }


def walk(walk: Walk, note: str) -> dict[str, Any]:
    """Show a walk, to be moved and enlarged.

    A click on a step picks out what its job wrote. A dashed line leads from a wrong counter-entry
    back to the state that its writer saw.

    Args:
        walk: at least one step.
        note: a line below its title.
    """
    rows = [_step(walk, at) for at in range(len(walk.steps))]
    seen = [
        {"place": at, "back": found.after, "seen": float(found.residual)}
        for at in walk.wrong
        if (found := walk.seen(at)) and found.after is not None
    ]
    start = {"place": -1, "residual": float(walk.start)}
    lines = [start, *({"place": row["place"], "residual": row["residual"]} for row in rows)]
    sides = {"domain": [-1, len(rows) - 0.5], "nice": False}
    x = {"field": "place", "type": "quantitative", "axis": None, "scale": sides}
    unit = f", {formats.brief(walk.currency, 12)}" if walk.currency else ""
    y = {
        "field": "residual",
        "type": "quantitative",
        "title": f"residual of the {walk.level}{unit}",
        "scale": {"padding": 22},  # of the highest and lowest amount that is written
    }
    said = [walk_text.subtitle(walk), note]
    title = {
        "text": wrap(walk_text.title(walk), _WIDTH, 13, bold=True),
        "subtitle": [line for text in said for line in wrap(text, _WIDTH)],
    }
    return _frame([], title=title, height=_HEIGHT, layer=_layers(rows, seen, lines, x, y))


def _layers(
    rows: list[dict[str, Any]],
    seen: list[dict[str, Any]],
    lines: list[dict[str, Any]],
    x: dict[str, Any],
    y: dict[str, Any],
) -> list[dict[str, Any]]:
    """What a walk is drawn of, the lowest first."""
    kinds, tones, forms = ([each[at] for each in _STEPS] for at in range(3))
    told = ("entry", "is", "amount", "recorded", "job", "after it", "not seen")
    names = {"domain": kinds, "range": tones}
    back = {"type": "rule", "color": _RED, "strokeDash": [4, 3], "strokeWidth": 1.5}
    return [
        {
            "data": {"values": [{"level": 0}]},
            "mark": {"type": "rule", "color": _GREEN},
            "encoding": {"y": {"field": "level", "type": "quantitative"}},
        },
        {
            "data": {"values": rows},
            "mark": {
                "type": "text",
                "dy": {"expr": _BESIDE},
                "fontWeight": "bold",
                "color": _EITHER,  # where the notebook is not trusted and has no styles
            },
            "encoding": {"x": x, "y": y, "text": {"field": "amount"}},
        },
        {
            "data": {"values": lines},
            "mark": {"type": "line", "interpolate": "step-after", "color": _QUIET},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": seen},
            "mark": back,
            "encoding": {"x": x, "x2": {"field": "back"}, "y": y | {"field": "seen"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 110, "cursor": "pointer"},
            "params": [
                {"name": "part", "select": "interval", "bind": "scales"},
                {"name": "one", "select": {"type": "point", "fields": ["job"]}},
            ],
            "encoding": {
                "x": x,
                "y": y,
                "color": {"field": "is_kind", "scale": names, "title": None},
                "shape": {"field": "is_kind", "scale": {"domain": kinds, "range": forms}},
                "opacity": {"condition": {"param": "one", "value": 1}, "value": 0.2},
                "tooltip": [{"field": name} for name in told],
            },
        },
    ]


def _step(walk: Walk, at: int) -> dict[str, Any]:
    step = walk.steps[at]
    return {
        "place": at,
        "residual": float(walk.residuals[at]),
        "is_kind": _kind(step),
        "rises": step.amount > 0,
        "entry": walk.names[step.entry_id],
        "is": f"{'late entry' if step.kind == 'entry' else 'counter-entry'}, {step.role}",
        "amount": formats.signed(step.amount),
        "recorded": formats.instant(step.recorded_at),
        "job": walk.job_names.get(step.job_id or "", ""),
        "after it": formats.signed(walk.residuals[at]),
        "not seen": ", ".join(walk.names[key] for key in step.unseen),
    }


def _kind(step: Step) -> str:
    if step.kind == "entry":
        return "late entry"
    if step.role in WRONG:
        return "wrong"
    return "compensating" if step.role in NOT_RIGHT else "counter-entry"


def _frame(rows: Sequence[Mapping[str, Any]], **own: Any) -> dict[str, Any]:  # noqa: ANN401
    """What all charts have in common: no ground of their own, text of the theme's colour.

    Drawn as SVG, the text has a colour by `piece.css`: no grey has 4.5:1 in both themes.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": list(rows)},
        "width": _WIDTH,
        "background": None,
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {
            "axis": {
                "gridColor": _QUIET,
                "gridOpacity": 0.25,
                "domainColor": _QUIET,
                "tickColor": _QUIET,
            },
            "legend": {"orient": "top"},
            "title": {"anchor": "start"},
            "view": {"stroke": None},
        },
    } | own
