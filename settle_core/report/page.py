"""The report page, made from the executed workpaper: one file, no network, no script but ours.

What cells have put out is shown, in their order; a Content-Security-Policy forbids any request and
any script other than the one of the template, whatever an output holds.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from settle_core import formats
from settle_core.report import html

_FORMATS = (html.PIECE, "text/html", "image/svg+xml", "image/png", "text/plain")  # the best first
_COLUMNS = ("left", "right")
_OURS = '<div class="settle">'  # what ``table.Html`` begins with: its text is escaped
_NOT_SHOWN = "notebook-only"  # cells with this tag are for those who work in the notebook
_PLAIN_TITLE = re.compile(r"(#{1,6}) ([A-Za-z0-9]+(?:[,:]? [A-Za-z0-9]+)*)")
_TITLE = re.compile(r'<h2 id="([^"]+)">(.*?)<')
_FILE = re.compile("([^<]+)".join(map(re.escape, html.FILE)))
_FILES = (
    "workbook.xlsx",
    "findings.csv",
    "corrections.csv",
    "rejected.csv",
    "workpaper.ipynb",
    "manifest.json",
)
_WIDTH = re.compile(r"<svg[^>]* width=\"(?:[7-9]|\d\d)\d\d\"")  # a picture of 700 px or more
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL | re.IGNORECASE)


@dataclass
class Output:
    """What a cell has put out; texts may stand as their lines, as the notebook's format has it."""

    output_type: str
    data: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    text: str | list[str] = ""
    ename: str = ""
    evalue: str = ""

    def of(self, kind: str) -> str:
        """What it is in a format."""
        return "".join(self.data.get(kind, ""))


@dataclass
class Cell:
    """A cell of the executed notebook."""

    cell_type: str
    source: str | list[str]
    metadata: dict[str, Any] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its source."""
        return "".join(self.source)


@dataclass
class Notebook:
    """The executed notebook, as far as the page shows it."""

    cells: list[Cell]


class Block(NamedTuple):
    """Cells that stand together: a column of the page, or its whole width (column empty)."""

    column: str
    cells: list[Cell]


def page(notebook: Path, out: Path, title: str) -> None:
    """Make the report page of an executed notebook.

    Markdown cells and the outputs of code cells are shown. Neighbouring cells with the tag ``left``
    or ``right`` stand in two columns where the page is wide enough; a cell with the tag
    ``notebook-only`` is left out. The code stands at the end, folded.

    Args:
        notebook: the executed notebook.
        out: the HTML file to write.
        title: of the page.
    """
    # Slow to import, and only this needs them; nbformat would cost a third of the command's own.
    import jinja2  # noqa: PLC0415
    import msgspec  # noqa: PLC0415

    template = files("settle_core.report") / "template"
    script = (template / "page.js").read_text("utf-8").strip()
    # Not by nbconvert, whose import costs more than an audit: `_shown` escapes what it shows.
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    environment.filters["shown"] = _shown
    read = msgspec.json.decode(notebook.read_bytes(), type=Notebook)
    resources = {
        "title": formats.clean(title),
        "styles": [(template / name).read_text("utf-8") for name in ("piece.css", "page.css")],
        "script": script,
        "script_hash": b64encode(sha256(script.encode()).digest()).decode(),
        "rows": _rows,
        "contents": _contents(read.cells),
        "margin": _css_string(title),
        "files": [name for name in _FILES if (out.parent / name).is_file()],
    }
    page_template = environment.from_string((template / "page.html.j2").read_text("utf-8"))
    out.write_text(page_template.render(nb=read, resources=resources), "utf-8")


def _contents(cells: Iterable[Cell]) -> list[tuple[str, str]]:
    """The titles of the page: the place of each, and its words."""
    made = [
        _TITLE.findall(_markdown(cell.text))
        for cell in cells
        if cell.cell_type == "markdown" and _NOT_SHOWN not in _tags(cell)
    ]
    return [(name, unescape(words)) for found in made for name, words in found]


def _markdown(source: str) -> str:
    # As nbconvert makes it, without its import, which costs more than an audit.
    if found := _PLAIN_TITLE.fullmatch(source):
        level, words = len(found[1]), found[2]
        name = words.replace(" ", "-")
        mark = f'<a class="anchor-link" href="#{name}">&#182;</a>'
        return f'<h{level} id="{name}">{words}{mark}</h{level}>'
    from nbconvert.filters import markdown2html  # noqa: PLC0415

    return str(markdown2html(source))


def _css_string(text: str) -> str:
    """Text for a string in a style: all but letters and digits as its number."""
    # Blanks too: one after a number would count as the number's end.
    return "".join(c if c.isalnum() else f"\\{ord(c):06x}" for c in formats.clean(text))


def _rows(cells: Iterable[Cell]) -> Iterator[list[Block]]:
    """Arrange the cells that show something in rows of one or two columns."""
    shown = [cell for cell in cells if _NOT_SHOWN not in _tags(cell) and _shown(cell)]
    for is_split, group in groupby(shown, key=lambda cell: _column(cell) != ""):
        members = list(group)
        if is_split:
            columns = [[cell for cell in members if _column(cell) == side] for side in _COLUMNS]
            yield [Block(side, found) for side, found in zip(_COLUMNS, columns, strict=True)]
        else:
            yield [Block("", members)]


def _tags(cell: Cell) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _column(cell: Cell) -> str:
    return next((tag for tag in _tags(cell) if tag in _COLUMNS), "")


def _shown(cell: Cell) -> str:
    """Give what of a cell is shown, as HTML."""
    if cell.cell_type == "markdown":
        return _markdown(cell.text)
    if cell.cell_type == "code":
        return "".join(_output(output) for output in cell.outputs)
    return ""


def _output(output: Output) -> str:
    if output.output_type == "error":
        words = f"A cell of the workpaper failed: {output.ename}: {output.evalue}"
        return f'{_OURS}<p class="stop">{escape(formats.clean(words))}</p></div>'
    if output.output_type == "stream":
        return _plain("".join(output.text)) if output.name == "stdout" else ""
    kind = next((kind for kind in _FORMATS if kind in output.data), "")
    value = output.of(kind)
    if kind in {html.PIECE, "text/html"}:
        return _linked(value) if value.startswith(_OURS) else _sanitized(value)
    if kind == "image/svg+xml":
        kind = "broad" if _WIDTH.search(value) else "chart"
        return f'<figure class="{kind}">{value[value.index("<svg") :]}</figure>'
    if kind == "image/png":
        return (
            f'<figure class="chart"><img alt="chart" src="data:image/png;base64,{value}"></figure>'
        )
    return _plain(value) if value else ""


def _linked(value: str) -> str:
    """Make links of the files that a piece names: the page stands beside them."""
    return _FILE.sub(r'<a href="\1">\1</a>', value)


def _plain(value: str) -> str:
    lines = "\n".join(formats.clean(line) for line in value.splitlines())
    return f"<pre>{escape(lines)}</pre>"


def _sanitized(value: str) -> str:
    """Keep of foreign HTML, such as a data frame's, what cannot run or load anything."""
    from nbconvert.preprocessors.sanitize import SanitizeHTML  # noqa: PLC0415

    tags = ["a", "b", "br", "code", "div", "em", "i", "li", "ol", "p", "pre", "span", "strong"]
    tags += ["table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"]
    sanitizer = SanitizeHTML(  # type: ignore[no-untyped-call]
        tags=tags, attributes={}, styles=[], strip=True
    )
    plain = sanitizer.sanitize_html_tags(_STYLE.sub("", value))  # type: ignore[no-untyped-call]
    return f'{_OURS}<div class="scroll">{plain}</div></div>'
