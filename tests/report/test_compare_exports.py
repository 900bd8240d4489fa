"""Two exports compared: the invented earlier sample, and an export with itself."""

import re
from pathlib import Path

from settle_core.report import compare_exports

DATA = Path(__file__).parents[2] / "data"


def words(text: str) -> str:
    return " ".join(re.sub(r"<style.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL).split())


def test_sample_tells_what_the_readme_says() -> None:
    found = compare_exports.of(str(DATA / "sample_before"), str(DATA / "sample"))
    told = {(c.entry_id, c.change): (str(c.old_amount), str(c.new_amount)) for c in found.changes}
    assert told == {
        ("4", "added"): ("0.00", "60.00"),
        ("5", "edited"): ("-19.40", "-19.90"),
        ("", "settlement edited"): ("201.00", "200.00"),
    }
    head = words(compare_exports.headline(found).text)
    assert "3 rows of 2 settled weeks changed" in head
    assert "The earlier one: 2 of 4 settled weeks looked at agree" in head
    assert "The later one: 6 of 6" in head
    assert "the settlement" in words(compare_exports.changes(found).text)
    assert "+59.50" in words(compare_exports.figures(found).text)


def test_export_is_as_itself() -> None:
    found = compare_exports.of(str(DATA / "sample"), str(DATA / "sample"))
    assert found.changes == ()
    assert "Nothing in them changed" in words(compare_exports.headline(found).text)
