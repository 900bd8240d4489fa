"""Instants that name their zone: a name that is one zone's is read, one of several is not."""

from pathlib import Path

import pytest
from story import at, held_to_the_story, plain_settlements, story, write

from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

HEADER = "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n1,2026-06-29,5.00,2026-07-06T03:00:00Z\n"
)
PLAIN, NAMED, SPELT = "", "%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M:%S UTC"


@pytest.mark.parametrize(
    ("form", "name", "hour"),
    [
        (PLAIN, " UTC", "10"),
        (PLAIN, " GMT", "10"),
        (PLAIN, " Europe/Berlin", "08"),
        (PLAIN, " BST", None),  # of London, and of Dhaka
        (PLAIN, " CET", None),  # in July, without a word on summer time
        (PLAIN, " EST", None),
        (PLAIN, " BST ", None),
        (NAMED, " UTC", "10"),
        (NAMED, " America/New_York", "14"),
        (NAMED, " BST", None),
        (NAMED, " IST", None),
        (SPELT, " UTC", "10"),  # not in the profile's own zone
    ],
)
def test_only_a_name_of_one_zone_is_read(
    form: str, name: str, hour: str | None, tmp_path: Path
) -> None:
    (tmp_path / "settlements.csv").write_text(SETTLED)
    rows = [f"1,1,2026-07-01,5.00,entry,2026-07-01 10:00:00{name}\n"]
    (tmp_path / "entries.csv").write_text(HEADER + "".join(rows))
    text = (
        f'[entries.csv]\ntimestamp_format = "{form}"\n[settlements.csv]\ntimestamp_format = ""\n'
        '[clock]\nzone = "Europe/Berlin"\n'
    )
    ledger = Ledger.read(tmp_path, profiles.parse(text, "ours"))
    found = ledger.con.execute("SELECT recorded_at FROM entry").fetchall()
    assert [f"{instant:%H}" for (instant,) in found] == ([] if hour is None else [hour])
    reasons = [row.reason for row in ledger.rejected]
    assert len(reasons) == (hour is None)
    assert all("zone's short name" in reason for reason in reasons) or name == " BST "


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d %H:%M:%S.%f UTC", "%d %b %Y %H:%M:%S.%f GMT", "%Y-%m-%d %H:%M:%S.%f +0000 UTC"],
)
def test_a_first_profile_finds_instants_that_name_their_zone(form: str, tmp_path: Path) -> None:
    rows = [list(story("entries")[0])]
    rows += [
        list((r | {"recorded_at": f"{at(r['recorded_at']):{form}}"}).values())
        for r in story("entries")
    ]
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path)
