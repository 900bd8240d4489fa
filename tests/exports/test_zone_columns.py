"""A zone beside an instant is a part of it: in another zone the row is of another hour."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from story import Row, at, plain_settlements, story, write

from settle_core.errors import Fault
from settle_core.exports.draft import draft
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
Written = Callable[[datetime, int], tuple[datetime, str]]
FORM = "%d/%m/%Y %H:%M:%S"


def of_two(instant: datetime, number: int) -> tuple[datetime, str]:
    zone = BERLIN if number % 2 else NEW_YORK
    return instant.astimezone(zone), zone.key


READ: dict[str, Written] = {
    "short": lambda t, _: (t.astimezone(BERLIN), str(t.astimezone(BERLIN).tzname())),
    "in full": lambda t, _: (t.astimezone(NEW_YORK), NEW_YORK.key),
    "of two": of_two,
    "offset": lambda t, _: (t.astimezone(BERLIN), f"{t.astimezone(BERLIN):%z}"),
    "UTC": lambda t, _: (t, "UTC"),
}
REFUSED: dict[str, tuple[Written, str]] = {
    "words": (lambda t, _: (t.astimezone(NEW_YORK), "Eastern Time"), "tells no zone that is read"),
    "some": (lambda t, k: (t, "UTC" if k % 3 else ""), "rows without any"),
    "of several": (
        lambda t, k: (of_two(t, k)[0], str(of_two(t, k)[0].tzname())),
        "tells no zone that is read",
    ),
    "winter's": (
        lambda t, _: (t.astimezone(timezone(timedelta(hours=2))), "CEST"),
        "expected CET, as Europe/Berlin has it",
    ),
}


def exported(root: Path, written: Written, *, has_time: bool) -> Path:
    rows = []
    for k, row in enumerate(map(dict, story("entries"))):
        local, zone = written(at(row.pop("recorded_at")), k)
        day, time = f"{local:{FORM}}".split(" ")
        clock: Row = {"Written": day, "Time": time} if has_time else {"Written": f"{day} {time}"}
        rows.append({**row, **clock, "Time Zone": zone})
    write(root / "export" / "entries.csv", [list(rows[0]), *(list(r.values()) for r in rows)])
    plain_settlements(root / "export")
    return root / "export"


@pytest.mark.parametrize("name", [*READ, "in full, of a day and a time"])
def test_instants_are_read_with_the_zone_beside_them(name: str, tmp_path: Path) -> None:
    zone, *has_time = name.split(", ")
    export = exported(tmp_path, READ[zone], has_time=bool(has_time))
    told = profiles.parse(draft.guess(export).text, "first")
    ledger = Ledger.read(export, told)
    read = ledger.con.execute("SELECT recorded_at FROM entry ORDER BY 1").fetchall()
    want = sorted(
        at(r["recorded_at"]).replace(microsecond=0, tzinfo=None) for r in story("entries")
    )
    assert [instant for (instant,) in read] == want
    assert ledger.rejected == ()


@pytest.mark.parametrize("name", REFUSED)
def test_a_zone_that_is_not_read_is_refused(name: str, tmp_path: Path) -> None:
    written, told = REFUSED[name]
    export = exported(tmp_path, written, has_time=False)
    with pytest.raises(Fault, match=rf"column 'Time Zone' .*{told}.* set clock.zone"):
        draft.guess(export)


def test_the_zone_of_a_customer_is_none_of_an_instant(tmp_path: Path) -> None:
    export = exported(tmp_path, READ["of two"], has_time=False)
    text = (export / "entries.csv").read_text().replace("Time Zone", "customer_time_zone", 1)
    (export / "entries.csv").write_text(text)
    assert 'recorded_at = "Written"' in draft.guess(export).text
