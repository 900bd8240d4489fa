"""A chart as SVG: the same bytes every time, text as text, nothing to be fetched.

Deterministic because strict nbval compares SVG text: a chart with wrong data fails a test.
"""

import io
import re
import warnings
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from settle_core import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PX_PER_INCH = 96.0
_FONT = re.compile(r"font-family: [^;]*;? ?")
_USED_ID = re.compile(r'(?:url\(#|href="#)([\w-]+)')


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG text, which a notebook and the report show as it is."""

    text: str

    def _repr_svg_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        """Stand for the picture where only text is shown."""
        return "<picture>"


def picture(figure: "Figure") -> Picture:
    """Make a figure into what a notebook shows, the same bytes every time."""
    return Picture(svg(figure))


def svg(figure: "Figure") -> str:
    """Write a figure as SVG: the same bytes every time, text as text, nothing to be fetched.

    Args:
        figure: what a chart function gave; its label becomes the accessible name.

    Returns:
        One ``<svg>`` element, to stand alone or within a page.
    """
    import matplotlib as mpl  # noqa: PLC0415 costs a second, and only drawing needs it

    buffer = io.StringIO()
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that DejaVu lacks is written as text all the same
        mpl.rcdefaults()  # whatever the reader's own settings are
        mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "settle"})
        figure.savefig(buffer, format="svg", facecolor=style.WHITE, metadata={"Date": None})
    root = ET.fromstring(buffer.getvalue())  # noqa: S314 written by the line above
    _tidy(root, style.clean(str(figure.get_label())))
    width, height = (round(side * PX_PER_INCH) for side in figure.get_size_inches())
    root.attrib.update({"width": str(width), "height": str(height)})
    return ET.tostring(root, encoding="unicode")


def _tidy(root: ET.Element, label: str) -> None:
    """Make matplotlib's SVG fit to stand in a page beside others.

    It names its fonts with every text, dates and signs itself, and numbers its parts alike in
    every picture: only the ids that are used stay, made this picture's own.
    """
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    plain = ET.tostring(root)
    own = f"s{sha256(plain).hexdigest()[:8]}-"
    used = set(_USED_ID.findall(plain.decode()))
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        attributes = {name.rpartition("}")[2]: value for name, value in node.attrib.items()}
        node.attrib.clear()
        node.attrib.update(_own(attributes, own, used))
        if node.tag != "text":
            node.text = None
        node.tail = None
    root.attrib.update({"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": label})
    root.set("style", f"font-family: {style.FONTS}; stroke-linejoin: round; stroke-linecap: butt")


def _own(attributes: dict[str, str], own: str, used: set[str]) -> dict[str, str]:
    if attributes.get("id") not in used:
        attributes.pop("id", None)
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
    for name, value in attributes.items():
        if name == "id":
            attributes[name] = own + value
        elif name == "href":
            attributes[name] = value.replace("#", f"#{own}", 1)
        else:
            attributes[name] = _FONT.sub("", value).replace("url(#", f"url(#{own}")
    return attributes
