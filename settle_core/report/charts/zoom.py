"""A chart for JupyterLab to move and enlarge, in the Vega-Lite 5 that comes with it.

It stands beside our own SVG in one output: JupyterLab takes it, everything else (the report, paper,
nbconvert, a page on the web) takes the SVG. No package makes it, and nothing is fetched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from settle_core import formats
from settle_core.report.charts.timeline import Moment, thin

MIME: Final = "application/vnd.vegalite.v5+json"
_WIDTH: Final = 620
_HEIGHT: Final = 220
_QUIET: Final = "#737d86"  # legible on a light ground and on a dark one
_LINES: Final = (("net", formats.BLUE, [1, 0]), ("gross", _QUIET, [5, 2]))


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
    spec: dict[str, Any] = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": rows},
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": None,
        "config": {
            "axis": {"labelColor": _QUIET, "titleColor": _QUIET, "gridOpacity": 0.3},
            "legend": {"labelColor": _QUIET, "orient": "top"},
            "view": {"stroke": None},
        },
        "mark": {"type": "line", "interpolate": "step-after", "tooltip": True},
        "params": [{"name": "part", "select": "interval", "bind": "scales"}],
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "scale": {"type": "utc"},
                "axis": {"labelOverlap": True, "format": "%H:%M:%S" if is_one_day else "%Y-%m-%d"},
                "title": f"{formats.day(first)}, UTC" if is_one_day else "UTC",
            },
            "y": {"field": "value", "type": "quantitative", "title": unit},
            "color": {"field": "line", "scale": {"domain": names, "range": tones}, "title": None},
            "strokeDash": {"field": "line", "scale": {"domain": names, "range": dashes}},
        },
    }
    return Zoomed(svg, spec)
