"""The report's page: no network, nothing hostile alive, from a finding to its correction."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from pages import EXPORTS, WEEK, Elements, audited, cells, code_cell, display, page, recorded
from walks import HOSTILE

from settle_core import formats
from settle_core.audit.audit import Audit
from settle_core.report import aggregates, settled_weeks


def test_worst_days_lead_to_their_walks_and_these_to_the_correction(tmp_path: Path) -> None:
    run = recorded("sidekiq_cached")
    text = page(tmp_path, cells(run))
    found = Elements(text)
    hrefs = found.all("href") + found.all("xlink:href")
    links = [value[1:] for value in hrefs if value.startswith("#")]
    assert len(links) > len(aggregates.worst(run))
    assert set(links) <= set(found.all("id"))
    day = aggregates.worst(run)[0]
    assert f"Proposed correction: {formats.signed(-day.effect)} EUR" in found.text
    assert any(not each.is_open for each in aggregates.worst(run))


def test_page_fetches_nothing_and_runs_no_script_but_its_own(tmp_path: Path) -> None:
    text = page(tmp_path, cells(recorded("sidekiq_race")))
    found = Elements(text)
    names = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) == names
    tags = {tag for tag, _ in found.elements}
    assert tags & {"link", "iframe", "object", "embed", "base", "form", "img", "video"} == set()
    assert found.all("src") == []
    assert {href for href in found.all("href") if not href.startswith("#")} == {
        "corrections.csv",
        "findings.csv",
        "workpaper.ipynb",
    }
    assert "findings.csv" in settled_weeks.findings(recorded("sidekiq_race")).text
    assert '<a href="findings' not in settled_weeks.findings(recorded("sidekiq_race")).text
    assert re.findall(r"@import|url\(", text) == []
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (policy,) = [a["content"] for tag, a in found.elements if tag == "meta" and "http-equiv" in a]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert len(text) < 2_000_000


def test_page_is_the_same_every_time(tmp_path: Path) -> None:
    run = recorded("sidekiq_retry")
    pages = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pages.append(page(tmp_path / name, cells(run)))
    assert pages[0] == pages[1]


def hostile(folder: Path) -> Audit:
    """The audit of an export whose every text is markup."""
    text = HOSTILE.replace("\x00", "").replace('"', "")
    rows = [
        (text + row[0], text, *row[2:6], text) if row[6] else (text + row[0], text, *row[2:])
        for row in EXPORTS["broken"]
    ]
    return audited(folder, rows, (text, *WEEK[1:]))


def test_nothing_hostile_becomes_an_element(tmp_path: Path) -> None:
    run = hostile(tmp_path)
    run = replace(
        run,
        export=f"exports/{HOSTILE.replace('/', '')}",
        ledger=run.ledger,
        findings=tuple(f._replace(currency=HOSTILE, explanation=HOSTILE) for f in run.findings),
    )
    assert len(run.findings) >= 2
    text = page(tmp_path, cells(run), title=HOSTILE)
    found = Elements(text)
    assert [tag for tag, _ in found.elements if tag in {"img", "alpha"}] == []
    assert [name for _, a in found.elements for name in a if name.startswith("on")] == []
    assert [tag for tag, _ in found.elements].count("script") == 1
    assert "<img src=x onerror" in found.text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text


def test_foreign_outputs_are_tamed(tmp_path: Path) -> None:
    bad = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    cell = code_cell(
        "memo",
        display(text_html=f"<style>b {{}}</style><table><td>{bad}5</td></table>"),
        display(text_markdown=bad, text_plain=bad),
        {"output_type": "stream", "name": "stdout", "text": bad},
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "error", "ename": "Fault", "evalue": bad, "traceback": []},
    )
    text = page(tmp_path, [cell])
    found = Elements(text)
    tags = [tag for tag, _ in found.elements]
    assert (tags.count("img"), tags.count("script"), tags.count("td")) == (0, 1, 1)
    assert "A cell of the workpaper failed: Fault" in found.text
    assert "a warning" not in found.text
    assert "b {}" not in found.text


def test_cells_for_the_notebook_only_are_left_out_and_columns_stand_side_by_side(
    tmp_path: Path,
) -> None:
    text = page(tmp_path, cells(recorded("console")))
    shown, code = text.split('<details class="code">')
    assert "Set the parameters below" not in shown
    assert "run = audit.run(" in code
    assert shown.count('<div class="row split">') == 1
    shown = re.sub(r"<nav.*?</nav>", "", shown, flags=re.DOTALL)
    left, right = shown.split('<div class="column right">')
    assert "Where" in left
    assert "Since when" in right
    assert "Since when" not in left


def test_thousand_findings_stay_below_two_megabytes(tmp_path: Path) -> None:
    run = recorded("sidekiq_race")
    many = tuple(run.findings) * (1200 // len(run.findings) + 1)
    assert len(many) > 1000
    run = replace(run, findings=many)
    text = settled_weeks.findings(run).text
    assert f"The 1,000 biggest of {formats.count(len(many))} findings; all of them in" in text
    assert text.count("<tr id=") == 1000
    assert len(page(tmp_path, cells(run)).encode()) < 2_000_000
