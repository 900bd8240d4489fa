"""What was guessed of a profile is told where the result is read, not on the command line only."""

from pathlib import Path

from settle_core.audit import Audit, audit
from settle_core.report import narrative, settled_weeks

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
GUESSED = """
[entries.columns]  # all of them
account_id = "account_id"  # GUESSED: by its contents, as might "memo # 2"
memo = "memo"  # by its name

[entries.kinds]
counter = ["counter"]  # GUESSED: the rarest of entry, counter
"""


def audited(text: str, folder: Path) -> Audit:
    (folder / "first.toml").write_text(text, "utf-8")
    return audit.run(SAMPLE, str(folder / "first.toml"))


def test_a_guess_is_in_headline_report_and_manifest(tmp_path: Path) -> None:
    run = audited(GUESSED, tmp_path)
    answer = settled_weeks.headline(run).text
    assert "What marks counter-entries was guessed" in answer
    assert "entries.kinds.counter = [&quot;counter&quot;]" in answer
    read = settled_weeks.read(run).text
    assert "2 lines of the profile first.toml" in read
    for told in ("entries.columns.account_id", "by its contents, as might &quot;memo # 2&quot;"):
        assert told in read
    assert "the rarest of entry, counter" in read
    assert "entries.columns.memo" not in read
    assert "was guessed" in narrative.agreement(run)  # in the notebooks of a week and a cause too
    assert run.manifest()["guessed"] == [
        {
            "key": "entries.columns.account_id",
            "value": '"account_id"',
            "why": 'by its contents, as might "memo # 2"',
        },
        {
            "key": "entries.kinds.counter",
            "value": '["counter"]',
            "why": "the rarest of entry, counter",
        },
    ]


def test_of_what_was_confirmed_nothing_is_said(tmp_path: Path) -> None:
    run = audited(GUESSED.replace("GUESSED", "told by the bookkeeper"), tmp_path)
    assert "guessed" not in settled_weeks.headline(run).text + settled_weeks.read(run).text.lower()
    assert run.manifest()["guessed"] == []
