"""The charts: their numbers are the data's, they read at any size, and formats are one."""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from walks import HOSTILE, SVG, WALKS, labels, overlaps, parse, texts

from settle_core import formats
from settle_core.report.charts import bars, zoom
from settle_core.report.charts.canvas import Picture
from settle_core.report.charts.heat_map import Cell, heat_map
from settle_core.report.charts.timeline import residual_over_time

MINUS = "\N{MINUS SIGN}"
INERT = {"svg", "g", "title", "path", "circle", "text"}
GAP = "\N{NO-BREAK SPACE}"
WEEKS = [date(2026, 8, 3) + timedelta(weeks=at) for at in range(12)]
START = datetime(2026, 11, 23, 9, 45, 47)  # noqa: DTZ001 UTC, as everywhere
CELLS = [
    Cell("5", WEEKS[0], Decimal("670.12")),
    Cell("5", WEEKS[4], Decimal("-3203.36")),
    Cell("9", WEEKS[6], Decimal("-3822.80")),
    Cell("13", WEEKS[1], Decimal("0.00"), masked=True),
    Cell("13", WEEKS[2], Decimal("-0.40")),
]


def test_heat_map_shows_the_data_s_numbers_most_affected_first() -> None:
    picture = heat_map(CELLS, "EUR", WEEKS)
    found = texts(picture)
    assert found[0] == "Residual of the 4 settled weeks that are off, EUR"
    assert [text for text in found if text in {"5", "9", "13"}] == ["5", "9", "13"]
    values = [formats.short(cell.residual) for cell in CELLS if cell.residual]
    assert [text for text in found if text in values] == values
    assert "masked" in " ".join(found)


def test_masked_cell_has_a_square_in_its_own_colour() -> None:
    def squares(cells: list[Cell]) -> list[str]:
        nodes = parse(heat_map(cells, "EUR", WEEKS)).iter(f"{SVG}path")
        return [n.attrib["fill"] for n in nodes if n.attrib.get("fill") == formats.AMBER]

    assert len(squares(CELLS)) == 1
    assert squares([cell for cell in CELLS if not cell.masked]) == []


def test_heat_map_says_how_many_accounts_there_are_in_all() -> None:
    cells = [Cell(f"A{at}", WEEKS[at % 12], Decimal(at + 1)) for at in range(40)]
    found = texts(heat_map(cells, "EUR", WEEKS))
    assert [text for text in found if text.startswith("A")] == [
        f"A{at}" for at in range(39, 23, -1)
    ]
    assert "The 16 most affected of 40 accounts." in " ".join(found)


def test_heat_map_of_many_weeks_shows_those_in_a_row_that_matter() -> None:
    weeks = [date(2020, 1, 6) + timedelta(weeks=at) for at in range(300)]
    cells = [Cell("1", weeks[at], Decimal(-at)) for at in (120, 130, 290)]
    picture = heat_map(cells, "EUR", weeks)
    said = " ".join(texts(picture))
    assert "53 of 300 weeks" in said
    triangles = [n for n in parse(picture).iter(f"{SVG}path") if n.attrib["d"].count("L") == 2]
    assert len(triangles) == 1  # 290 alone outweighs the two others; no room for its number


def test_sign_reads_without_colour() -> None:
    picture = heat_map(CELLS, "EUR", WEEKS)
    assert {"670", f"{MINUS}3,203"} <= set(texts(picture))


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ([], "No settled week is off"),
        ([CELLS[3]], "No settled week is off now, 1 was in between"),
        ([CELLS[0]], "Residual of the one week that is off, EUR"),
    ],
)
def test_heat_map_of_little(cells: list[Cell], title: str) -> None:
    assert texts(heat_map(cells, "EUR", WEEKS))[0] == title


MOMENTS = [
    (START, Decimal("-541.41"), Decimal("541.41")),
    (START + timedelta(seconds=10), Decimal("0.00"), Decimal("541.41")),
]


def test_residual_over_time_ends_at_the_last_numbers() -> None:
    found = texts(residual_over_time(MOMENTS, "EUR"))
    assert found[0] == f"Off since 23{GAP}Nov{GAP}2026: 0.00 EUR net, 541.41 EUR gross"
    assert found[-2:] == ["net 0.00", "gross 541.41"]


def test_many_moments_are_thinned_but_their_extremes_stay() -> None:
    deepest = Decimal(9999)
    moments = [
        (START + timedelta(seconds=at), -deepest if at == 31_234 else Decimal(at % 7), deepest)
        for at in range(60_000)
    ]
    picture = residual_over_time(moments, "EUR")
    assert len(picture.svg) < 150_000
    heights = {
        node.attrib["stroke"]: [float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", node.attrib["d"])]
        for node in parse(picture).iter(f"{SVG}path")
        if "stroke" in node.attrib and "stroke-dasharray" not in node.attrib
    }
    zero, lowest = heights[formats.GREEN][0], max(heights[formats.INK])
    assert lowest - zero == pytest.approx(190 / 2, abs=0.1)  # half of the plot: gross is as far up


def test_jobs_with_the_largest_effects_come_first() -> None:
    rows = [(f"job-{at:020d}", 1, Decimal(at)) for at in range(30)] + [(None, 2, Decimal("-99.5"))]
    found = texts(bars.by_job(rows, "EUR"))
    assert found[0] == "31 jobs behind the findings, the 12 with the largest effect"
    assert found[1:3] == ["no job recorded", f"{MINUS}99.5 EUR, 2 findings"]
    assert len(found) == 1 + 2 * 12


def drawn() -> dict[str, Picture]:
    """One of each chart, with text that would be markup."""
    hostile = Cell(HOSTILE, WEEKS[0], Decimal(5))
    return {
        "heat_map": heat_map([*CELLS, hostile], HOSTILE, WEEKS),
        "residual": residual_over_time(MOMENTS, HOSTILE),
        "one moment": residual_over_time(MOMENTS[:1], HOSTILE),
        "by_job": bars.by_job([(HOSTILE, 3, Decimal(5)), ("", 1, Decimal(-5))], HOSTILE),
    }


@pytest.mark.parametrize("name", drawn())
def test_chart_is_deterministic_legible_and_inert(name: str) -> None:
    picture = drawn()[name]
    assert picture == drawn()[name]
    assert overlaps(labels(picture)) == []
    root = parse(picture)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= INERT
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "".join(texts(picture)[:1]) or len(texts(picture)[0]) > 60
    assert re.findall(r"https?://[^\"]+", picture.svg) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"href|url\(|<style|<script|<img", picture.svg) == []


def test_chart_that_lab_enlarges_has_the_numbers_of_the_picture_and_the_picture_beside_it() -> None:
    svg = residual_over_time(MOMENTS, "EUR").svg
    bundle = zoom.over_time(svg, MOMENTS, "EUR")._repr_mimebundle_()
    assert bundle["image/svg+xml"] == svg
    rows = bundle[zoom.MIME]["data"]["values"]
    told = [(r["at"], r["line"], r["value"]) for r in rows]
    wanted = []
    for at, net, gross in MOMENTS:
        when = at.isoformat(timespec="milliseconds")
        wanted += [(when, "net", str(net)), (when, "gross", str(gross))]
    assert told == wanted
    assert json.loads(json.dumps(bundle)) == bundle


def test_heat_map_that_lab_enlarges_has_every_account_and_names_the_findings() -> None:
    many = [Cell(f"{HOSTILE}{at}", WEEKS[at % 12], Decimal(at + 1)) for at in range(60)]
    found = {(cell.account_id, cell.week_start): ["abcdef0123456789"] for cell in many[:1]}
    spec = zoom.heat_map([*CELLS, *many], "EUR", found)
    rows = spec["data"]["values"]
    assert len({row["account"] for row in rows}) == 63
    cells = [*CELLS, *many]
    told = [f"{formats.signed(c.residual)} EUR" if c.residual else "0, masked" for c in cells]
    assert sorted(row["residual"] for row in rows) == sorted(told)
    assert [row["findings"] for row in rows if row["findings"]] == ["abcdef01"]
    assert json.loads(json.dumps(spec)) == spec
    more = [Cell(str(at), WEEKS[0], Decimal(at + 1)) for at in range(zoom.ACCOUNTS_MOST + 7)]
    assert "7 more accounts" in zoom.heat_map(more, "EUR", {})["title"]


def test_walk_that_lab_enlarges_tells_the_steps_and_what_the_writer_saw() -> None:
    two = WALKS["twice_wrong"]
    spec = zoom.walk(two, "Proposed correction: +5.00 EUR.")
    assert spec["title"]["subtitle"][-1] == "Proposed correction: +5.00 EUR."
    *_, lines, seen, steps = (layer["data"]["values"] for layer in spec["layer"])
    assert [row["residual"] for row in lines] == [0.0, *map(float, two.residuals)]
    assert [row["amount"] for row in steps] == [formats.signed(s.amount) for s in two.steps]
    assert len(seen) == len(two.wrong) > 0
    assert json.loads(json.dumps(spec)) == spec


def test_amounts_of_a_walk_are_seen_in_both_themes_without_styles() -> None:
    """A notebook that is not trusted has no styles; the amounts were black on JupyterLab's dark."""
    layers = zoom.walk(WALKS["twice_wrong"], "")["layer"]
    (told,) = (layer["mark"] for layer in layers if layer["mark"]["type"] == "text")
    for ground in ("#ffffff", "#111111"):
        light, dark = sorted((_luminance(told["color"]), _luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 4.2


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
