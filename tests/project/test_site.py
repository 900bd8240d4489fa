"""The documentation as a site: built without a network, and every link of it leads somewhere."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pages import Elements

ROOT = Path(__file__).parents[2]
MISSING = [name for name in ("sphinx", "myst_nb", "furo") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason="extra docs is not installed: the site not built"
)
# A network that is none: what is asked of it fails at once.
NOWHERE = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https", "all")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "-c", "docs/site", ".", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=NOWHERE | {"LANG": "C.UTF-8"},
    )
    assert built.returncode == 0, built.stderr
    return folder


def pages(site: Path) -> dict[Path, Elements]:
    return {page: Elements(page.read_text("utf-8")) for page in site.rglob("*.html")}


def test_each_internal_link_leads_somewhere(site: Path) -> None:
    there = pages(site)
    lost = []
    for page, found in there.items():
        for link in (*found.all("href"), *found.all("src")):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not link:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            named = unquote(parts.fragment)
            if not target.is_file() or (
                named and target in there and named not in there[target].all("id")
            ):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert len(there) > 20
    assert lost == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page, found in pages(site).items():
        loaded = [
            attributes.get("src") or attributes.get("href", "")
            for tag, attributes in found.elements
            if tag in {"script", "link", "img", "iframe"}
        ]
        assert [each for each in loaded if re.match(r"(https?:)?//", each)] == [], page
    sheets = "".join(file.read_text("utf-8") for file in site.rglob("*.css"))
    assert re.findall(r"url\(['\"]?(?:https?:)?//|@import", sheets) == []


def test_every_notebook_and_page_of_the_documentation_is_in_it_with_next_and_previous(
    site: Path,
) -> None:
    sources = [*ROOT.glob("notebooks/docs/*.ipynb"), *ROOT.glob("notebooks/docs/*.md")]
    sources += ROOT.glob("docs/decisions/*.md")
    for source in sources:
        page = site / source.relative_to(ROOT).with_suffix(".html")
        text = page.read_text("utf-8")
        assert "next-page" in text or "prev-page" in text, source
    assert "unbalanced" in (site / "searchindex.js").read_text("utf-8")
