"""Small pieces of HTML: tables, pills, links, tiles. All text is escaped here and nowhere else.

A piece is made of text, which is escaped, and of other pieces, which are not; so nothing from an
export can become markup.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from importlib.resources import files
from typing import Any, Final, NamedTuple

from settle_core import formats
from settle_core.report.charts import zoom

_STATE = {
    "reconciled": "good",
    "passed": "good",
    "pending": "wait",
    "masked": "amber",
    "found": "bad",
    "broken": "bad",
    "open": "bad",
    "high": "bad",
    "medium": "amber",
    "low": "wait",
    "expired": "bad",
    "differs": "bad",
    "unmatched": "amber",
    "incomplete": "stop",
    "errored": "stop",
}


PIECE: Final = "text/x-settle-piece"
# Puts the charts in place of their images, in a notebook that is trusted and in no other.
_DRAWN: Final = """<script>
for (const image of document.currentScript.parentNode.querySelectorAll("figure > img")) {
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (each) => each.charCodeAt(0));
  image.outerHTML = new TextDecoder().decode(bytes);
}
</script>"""
_LABEL: Final = re.compile(r'aria-label="([^"]*)"')
FILE: Final = ('<code class="file">', "</code>")  # round the name of a file of the run folder


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of HTML that a notebook and the report show as it is."""

    text: str

    def _repr_html_(self) -> str:
        return f'<div class="settle">{self.text}</div>'

    def __repr__(self) -> str:
        """Stand for the piece where only text is shown."""
        return "<piece of the report>"


@dataclass(frozen=True, slots=True)
class Moving(Html):
    """A piece of HTML, and what JupyterLab draws in its place, to be moved and enlarged.

    JupyterLab would take HTML first, so the piece goes by a type of its own that the report knows;
    everything else takes the picture.
    """

    spec: Mapping[str, Any]
    svg: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        picture = {zoom.MIME: self.spec, "image/svg+xml": self.svg, "text/plain": repr(self)}
        return picture | {PIECE: f'<div class="settle">{self.text}</div>'}

    def _repr_html_(self) -> None:  # type: ignore[override]
        """None: see the class."""


@dataclass(frozen=True, slots=True)
class Pictured(Html):
    """A piece with charts, and the same with each chart as an image, for a notebook.

    Of a notebook that it does not trust JupyterLab takes the shapes out of a chart and leaves its
    words, one behind the other; an image it leaves. Where it does trust it, the chart takes the
    image's place: it follows the theme and answers to the mouse.
    """

    shown: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        shown = f'<div class="settle">{self.shown}{_DRAWN}</div>'
        html = {"text/html": shown, "text/plain": repr(self)}
        return html | {PIECE: f'<div class="settle">{self.text}</div>'}

    def _repr_html_(self) -> None:  # type: ignore[override]
        """None: see the class."""


class Keyed(NamedTuple):
    """A piece in a cell of a sortable table, and the text that it is sorted by."""

    shown: Html
    key: str


Cell = str | int | Decimal | date | datetime | Html | Keyed | None


class Column(NamedTuple):
    """A column: its title, whether it takes what room is left, and whether it holds numbers."""

    title: str
    is_wide: bool = False
    is_number: bool = False


def text(value: "str | Html") -> str:
    """Escape text; leave a piece as it is."""
    if isinstance(value, Html):
        return value.text
    return escape(formats.clean(value))


def join(*parts: "str | Html") -> Html:
    """Put text and pieces one after another."""
    whole = "".join(map(text, parts))
    if not any(isinstance(part, Pictured) for part in parts):
        return Html(whole)
    shown = (part.shown if isinstance(part, Pictured) else text(part) for part in parts)
    return Pictured(whole, "".join(shown))


def figure(svg: str, kind: str) -> Pictured:
    """Make a figure of a chart: `broad`, or as broad as the text."""
    label = _LABEL.search(svg)
    coded = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    image = f'<img alt="{label[1] if label else ""}" src="{coded}">'
    made = (f'<figure class="{kind}">{each}</figure>' for each in (svg, image))
    return Pictured(*made)


def lines(parts: Sequence[str]) -> Html:
    """Put texts one below another."""
    return Html("<br>".join(map(text, parts)))


def digits(value: str) -> Html:
    """Show a long row of digits, which may break anywhere."""
    return Html(f'<span class="digits">{text(value)}</span>')


def paragraph(*parts: "str | Html", kind: str = "") -> Html:
    """Make a paragraph of text and pieces."""
    return Html(f"<p{_class(kind)}>{join(*parts).text}</p>")


def strong(value: str) -> Html:
    """Make text stand out."""
    return Html(f"<strong>{text(value)}</strong>")


def pill(word: str) -> Html:
    """Show a verdict, status or severity: told by its word, the colour only helps."""
    return Html(f'<b class="pill {_STATE.get(word, "plain")}">{text(word)}</b>')


def link(words: str, name: str) -> Html:
    """Link to a place on the page, named by ``style.anchor``."""
    return Html(f'<a href="#{text(name)}">{text(words)}</a>')


def file_link(name: str) -> Html:
    """Name a file of the run folder; the report, which stands in it, makes that a link."""
    return Html(f"{FILE[0]}{text(name)}{FILE[1]}")


def code_id(finding_id: str) -> Html:
    """Show the short form of a finding's id; the report's script copies the whole one."""
    return Html(f'<code class="id">{text(finding_id[:8])}</code>')


def folded(summary: str, *parts: "str | Html") -> Html:
    """Make a part that the reader opens."""
    return join(Html(f"<details><summary>{text(summary)}</summary>"), *parts, Html("</details>"))


def preformatted(content: str) -> Html:
    """Make text that keeps its lines, to be copied."""
    return Html(f"<pre>{text(content)}</pre>")


def place(name: str, *parts: "str | Html", kind: str = "") -> Html:
    """Make a place that links can lead to."""
    return join(Html(f'<div id="{text(name)}"{_class(kind)}>'), *parts, Html("</div>"))


def spot(name: str) -> Html:
    """Make a place within a row that links can lead to."""
    return Html(f'<span id="{text(name)}"></span>')


def tiles(items: Sequence[tuple[Sequence[str], str, str]]) -> Html:
    """Make a strip of figures.

    Args:
        items: of each figure its lines (one for each currency), its name, and "good", "bad" or ""
    """
    made = []
    for lines, label, state in items:
        # Where a notebook is not trusted its styles are gone, and the spaces hold them apart.
        figures = "".join(f"<b>{text(line)}</b> " for line in lines)
        made.append(f"<li{_class(state)}>{figures}<span>{text(label)}</span></li>")
    return Html(f'<ul class="tiles">{"".join(made)}</ul>')


def table(  # noqa: PLR0913  each is one plain choice
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    names: Sequence[str] = (),
    data: Sequence[Mapping[str, str]] = (),
    is_sortable: bool = False,
    is_bare: bool = False,
) -> Html:
    """Make a table: amounts and counts right-aligned with tabular figures.

    Args:
        columns: from left to right; a currency or unit stands in the title, once.
        rows: one cell for each column: text, an amount, a count, a day, an instant or a piece.
        names: of each row the place that links lead to, from ``style.anchor``; or none at all.
        data: of each row what the report's script knows of it, by name; or none at all.
        is_sortable: the report's script lets the reader sort and filter it.
        is_bare: without a row of titles.
    """
    kinds = [
        "n"
        if column.is_number or any(isinstance(row[at], int | Decimal) for row in rows)
        else "wide"
        if column.is_wide
        else ""
        for at, column in enumerate(columns)
    ]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{text(column.title)}</th>'
        for column, kind in zip(columns, kinds, strict=True)
    )
    body = []
    for number, row in enumerate(rows):
        name = f' id="{text(names[number])}"' if names else ""
        if data:
            name += "".join(f' data-{key}="{text(value)}"' for key, value in data[number].items())
        cells = "".join(
            _cell(cell, kind, is_sortable=is_sortable)
            for cell, kind in zip(row, kinds, strict=True)
        )
        body.append(f"<tr{name}>{cells}</tr>")
    shown = "" if is_bare else f"<thead><tr>{head}</tr></thead>"
    sortable = _class("sortable" if is_sortable else "")
    rows_text = "\n".join(body)
    tall = " tall" if is_sortable else ""
    room = f' style="--columns:{len(columns) - 1}"' if "wide" in kinds else ""  # see piece.css
    whole = f"<table{sortable}{room}>{shown}<tbody>{rows_text}</tbody></table>"
    return Html(f'<div class="scroll{tall}">{whole}</div>')


def _cell(cell: Cell, kind: str, *, is_sortable: bool) -> str:
    key = ""
    if isinstance(cell, Keyed):
        key = f' data-key="{text(cell.key)}"' if is_sortable else ""
    elif is_sortable and isinstance(cell, int | Decimal | date):
        key = f' data-key="{cell:f}"' if isinstance(cell, Decimal) else f' data-key="{cell}"'
    return f"<td{_class(kind)}{key}>{_shown(cell)}</td>"


def _shown(cell: Cell) -> str:  # noqa: PLR0911  one for each kind of cell
    match cell:
        case None:
            return ""
        case Keyed():
            return cell.shown.text
        case Html() | str():
            return text(cell)
        case Decimal():
            return text(formats.amount(cell))
        case int():
            return text(formats.count(cell))
        case datetime():
            return text(formats.instant(cell))
        case date():
            return text(formats.day(cell))


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def sheet() -> Html:
    """Give the style of all pieces, to be shown once in a notebook."""
    css = (files("settle_core.report") / "template" / "piece.css").read_text("utf-8")
    return Html(f"<style>{css}</style>")
