"""Small pieces of HTML: numbers are written as elsewhere, and text can never be markup."""

import re
from base64 import b64decode
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from walks import HOSTILE

from settle_core import formats
from settle_core.report import html
from settle_core.report.html import Column, Html

MINUS = "\N{MINUS SIGN}"


class Elements(HTMLParser):
    """The elements and the text of a piece."""

    def __init__(self, piece: Html) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(piece.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_cells_are_written_by_their_kind() -> None:
    recorded = datetime(2026, 11, 23, 9, 45, 47, 734000)  # noqa: DTZ001 UTC, as everywhere
    row: list[html.Cell] = ["text", 8389, Decimal("-1234.50"), date(2026, 9, 6), recorded, None]
    shown = html.table([Column(str(at)) for at in range(6)], [row])
    texts = [text for text in Elements(shown).texts if text.strip()]
    day, instant = formats.day(date(2026, 9, 6)), formats.instant(recorded)
    assert texts[6:] == ["text", "8,389", f"{MINUS}1,234.50", day, instant]


def test_numbers_are_right_aligned_with_their_title() -> None:
    shown = html.table([Column("name"), Column("effect, EUR")], [["a", Decimal(1)], ["b", None]])
    assert shown.text.count('class="n"') == 3


def test_column_of_number_texts_is_right_aligned_too() -> None:
    shown = html.table([Column("owed", is_number=True)], [["0.00"]])
    assert shown.text.count('class="n"') == 2


def test_sortable_cells_carry_their_exact_value() -> None:
    rows: list[list[html.Cell]] = [[Decimal("-1234.50"), date(2026, 9, 6), 8389, "text"]]
    shown = html.table([Column("") for _ in range(4)], rows, is_sortable=True)
    keys = [value for name, value in Elements(shown).attributes if name == "data-key"]
    assert keys == ["-1234.50", "2026-09-06", "8389"]
    assert "data-key" not in html.table([Column("") for _ in range(4)], rows).text


def test_rows_are_places_to_link_to() -> None:
    name = formats.anchor("walk", HOSTILE, "EUR", date(2026, 9, 6))
    shown = html.table([Column("")], [[html.link("here", name)]], names=[name])
    attributes = Elements(shown).attributes
    assert ("id", name) in attributes
    assert ("href", f"#{name}") in attributes
    assert name == formats.anchor("walk", HOSTILE, "EUR", date(2026, 9, 6))
    assert name != formats.anchor("walk", HOSTILE, "EUR", date(2026, 9, 7))


def test_piece_is_shown_by_a_notebook_and_its_text_is_stable() -> None:
    piece = html.paragraph("5 < 6")
    assert piece._repr_html_() == '<div class="settle"><p>5 &lt; 6</p></div>'
    assert repr(piece) == repr(html.paragraph("other"))


@pytest.mark.parametrize(
    ("piece", "tags"),
    [
        (html.join(HOSTILE), set()),
        (html.paragraph(HOSTILE, html.strong(HOSTILE)), {"p", "strong"}),
        (html.pill(HOSTILE), {"b"}),
        (html.link(HOSTILE, HOSTILE), {"a"}),
        (html.file_link(HOSTILE), {"code"}),
        (html.place(HOSTILE, HOSTILE), {"div"}),
        (html.lines([HOSTILE, HOSTILE]), {"br"}),
        (html.digits(HOSTILE), {"span"}),
        (html.tiles([([HOSTILE], HOSTILE, "bad")]), {"ul", "li", "b", "span"}),
        (
            html.table([Column(HOSTILE)], [[HOSTILE]], names=[HOSTILE], is_sortable=True),
            {"div", "table", "thead", "tbody", "tr", "th", "td"},
        ),
    ],
)
def test_text_never_becomes_markup(piece: Html, tags: set[str]) -> None:
    found = Elements(piece)
    assert set(found.tags) == tags
    assert [name for name, _ in found.attributes if name.startswith("on")] == []
    assert "\x00" not in piece.text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in "".join(found.texts)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("reconciled", "good"),
        ("pending", "wait"),
        ("masked", "amber"),
        ("broken", "bad"),
        ("incomplete", "stop"),
        ("never heard of", "plain"),
    ],
)
def test_pill_says_the_verdict_in_words(verdict: str, state: str) -> None:
    assert html.pill(verdict).text == f'<b class="pill {state}">{verdict}</b>'


def test_a_figure_stands_apart_from_its_name_without_styles() -> None:
    """As in a notebook that is opened, not run: JupyterLab takes all styles away."""
    made = html.tiles([(["1.00 EUR", "2.00 USD"], "open, net", "bad")]).text
    assert re.sub(r"<[^>]*>", "", made) == "1.00 EUR 2.00 USD open, net"


def test_a_chart_stays_a_picture_where_a_notebook_is_not_trusted() -> None:
    """JupyterLab leaves words of an SVG there, one behind the other, and takes a script out."""
    drawn = html.figure('<svg aria-label="3 jobs"><text>late</text></svg>', "broad")
    piece = html.join("before ", html.place("here", drawn), html.folded("more", "within"))
    assert isinstance(piece, html.Pictured)
    bundle = piece._repr_mimebundle_()
    assert "<svg" in bundle[html.PIECE]
    shown = bundle["text/html"]
    untrusted = re.sub("(?s)<script>.*</script>", "", shown)
    assert re.sub("<[^>]*>", "", untrusted) == "before morewithin"
    (image,) = (b64decode(each) for each in re.findall(r'base64,([^"]*)"', shown))
    assert b"<text>late</text>" in image
    assert 'alt="3 jobs"' in shown
    assert not isinstance(html.join("a", html.paragraph("b")), html.Pictured)
