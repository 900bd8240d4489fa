"""Instants that name their zone: a name that is one zone's is read, one of several is not."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from story import at, held_to_the_story, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft
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


JAVA = "%a %b %d %H:%M:%S %Z %Y"
AMPM = "%b %d, %Y %I:%M:%S %p %Z"


@pytest.mark.parametrize(
    ("zone", "form", "text", "utc"),
    [
        ("Europe/London", NAMED, "2026-07-01 10:00:00 BST", "2026-07-01 09:00:00"),
        ("Europe/London", NAMED, "2026-07-01 10:00:00 GMT", "2026-07-01 10:00:00"),
        ("Europe/Berlin", NAMED, "2026-07-01 10:00:00 CEST", "2026-07-01 08:00:00"),
        # The hour that comes twice is told by the name.
        ("Europe/Berlin", NAMED, "2026-10-25 02:30:00 CEST", "2026-10-25 00:30:00"),
        ("Europe/Berlin", NAMED, "2026-10-25 02:30:00 CET", "2026-10-25 01:30:00"),
        ("America/Los_Angeles", AMPM, "Jul 01, 2026 10:00:00 PM PDT", "2026-07-02 05:00:00"),
        ("America/Chicago", NAMED, "2026-01-05 10:00:00 CST", "2026-01-05 16:00:00"),
        ("Asia/Shanghai", NAMED, "2026-01-05 10:00:00 CST", "2026-01-05 02:00:00"),
        ("Asia/Kolkata", NAMED, "2026-07-01 10:00:00 IST", "2026-07-01 04:30:00"),
        ("Europe/Dublin", NAMED, "2026-07-01 10:00:00 IST", "2026-07-01 09:00:00"),
        ("Europe/Berlin", JAVA, "Wed Jul 01 10:00:00 CEST 2026", "2026-07-01 08:00:00"),
        ("Europe/Berlin", JAVA, "Wed Jul 01 10:00:00 UTC 2026", "2026-07-01 10:00:00"),
        ("Europe/Berlin", NAMED, "2026-07-01 10:00:00 America/New_York", "2026-07-01 14:00:00"),
        # Not of the zone at that hour, which may be a mistake; an hour that is none; another zone.
        ("Europe/Berlin", NAMED, "2026-07-01 10:00:00 CET", None),
        ("Europe/Berlin", NAMED, "2026-03-29 02:30:00 CET", None),
        ("Europe/Berlin", NAMED, "2026-07-01 10:00:00 PDT", None),
        ("Europe/Moscow", NAMED, "2026-07-01 10:00:00 MSK", None),  # three hours, or four
        ("UTC", NAMED, "2026-07-01 10:00:00 PDT", None),
        ("UTC", NAMED, "2026-07-01 10:00:00 UTC", "2026-07-01 10:00:00"),
    ],
)
def test_a_short_name_is_read_where_the_zone_has_it(
    zone: str, form: str, text: str, utc: str | None, tmp_path: Path
) -> None:
    (tmp_path / "settlements.csv").write_text(SETTLED)
    (tmp_path / "entries.csv").write_text(f'{HEADER}1,1,"{text}",5.00,entry,"{text}"\n')
    days = 'date_format = "instant"\n'
    text = (
        f'[entries.csv]\ntimestamp_format = "{form}"\n{days}'
        f'[settlements.csv]\ntimestamp_format = ""\n[clock]\nzone = "{zone}"\n'
    )
    ledger = Ledger.read(tmp_path, profiles.parse(text, "ours"))
    found = ledger.con.execute("SELECT recorded_at, effective_date FROM entry").fetchall()
    if utc is None:
        assert found == []
        (rejected,) = ledger.rejected
        assert "short name is that of several" in rejected.reason
        return
    there = datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert [(f"{at}", day) for at, day in found] == [(utc, there.date())]


@pytest.mark.parametrize(
    ("zone", "form", "is_told"),
    [
        ("America/Los_Angeles", "%b %d, %Y %H:%M:%S.%f %Z", True),
        ("Europe/Berlin", "%d.%m.%Y %H:%M:%S.%f %Z", True),
        ("UTC", JAVA, True),
        ("Asia/Shanghai", "%Y-%m-%d %H:%M:%S.%f %Z", False),  # of Chicago as well
    ],
)
def test_a_first_profile_finds_the_zone_of_short_names(
    zone: str, form: str, *, is_told: bool, tmp_path: Path
) -> None:
    rows = [list(story("entries")[0])]
    for r in story("entries"):
        there = at(r["recorded_at"]).astimezone(ZoneInfo(zone))
        rows.append(list((r | {"recorded_at": f"{there:{form}}"}).values()))
    write(tmp_path / "export" / "entries.csv", rows)
    plain_settlements(tmp_path / "export")
    if is_told:
        held_to_the_story(tmp_path / "export", tmp_path)
        assert f'zone = "{zone}"' in (tmp_path / "first.toml").read_text()
        return
    with pytest.raises(Fault, match=r"no column looks like recorded_at .* that clock\.zone has"):
        draft.guess(tmp_path / "export")


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC"])
def test_a_zone_in_a_column_of_its_own_is_read_with_day_and_time(zone: str, tmp_path: Path) -> None:
    """PayPal's list has Date, Time and TimeZone: left out, all instants were hours off."""
    head = [*story("entries")[0]][:-2]
    rows = [[*head, "Date", "Time", "TimeZone", "Status"]]
    for r in story("entries"):
        there = at(r["recorded_at"]).astimezone(ZoneInfo(zone))
        told = [f"{there:{form}}" for form in ("%m/%d/%Y", "%H:%M:%S", "%Z")]
        rows.append([*(r[name] for name in head), *told, "DONE"])
    write(tmp_path / "export" / "Download.csv", rows)
    plain_settlements(tmp_path / "export")
    text = draft.guess(tmp_path / "export").text
    assert 'recorded_at = ["Date", "Time", "TimeZone"]' in text
    ledger = Ledger.read(tmp_path / "export", profiles.parse(text, "first"))
    found = ledger.con.execute("SELECT recorded_at FROM entry ORDER BY entry_id").fetchall()
    wanted = sorted(story("entries"), key=lambda r: int(r["entry_id"]))
    assert [f"{instant:%F %T}" for (instant,) in found] == [
        f"{at(r['recorded_at']):%F %T}" for r in wanted
    ]
