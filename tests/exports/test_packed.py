"""Numbers of a clock or a day that stand together have all their digits, or the row is rejected."""

from pathlib import Path

import pytest

from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading import packed
from settle_core.exports.reading.ledger import Ledger

SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n1,2026-03-02,5.00,2026-03-09T03:00:00Z\n"
)
CASES = {
    # form of days, form of instants, a good day and instant, and others that lack a digit
    "a clock": ("%Y-%m-%d", "%Y%m%d %H%M%S", "2026-03-03", "20260303 130105", "", "20260303 13015"),
    "a day before a clock": ("%Y-%m-%d", "%Y%m%d%H%M%S", "2026-03-03", "20260303130105", "",
                             "2026033130105"),
    "with an offset": ("%Y-%m-%d", "%Y%m%d%H%M%S%z", "2026-03-03", "20260303130105+0100", "",
                       "2026030313015+0100"),
    "with a Z": ("%Y-%m-%d", "%Y%m%dT%H%M%SZ", "2026-03-03", "20260303T130105Z", "",
                 "20260303T13015Z"),
    "a day": ("%Y%m%d", "", "20260303", "2026-03-03T13:01:05Z", "2026115", ""),
    "a day of a short year": ("%y%m%d", "", "260303", "2026-03-03T13:01:05Z", "26115", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_number_that_lacks_digits_is_rejected(case: str, tmp_path: Path) -> None:
    day_form, instant_form, day, instant, short_day, short_instant = CASES[case]
    rows = [f"1,1,{day},5.00,entry,{instant}"]
    rows += [f"2,1,{short_day or day},7.00,entry,{short_instant or instant}"]
    (tmp_path / "entries.csv").write_text(
        "entry_id,account_id,effective_date,amount,kind,recorded_at\n" + "\n".join(rows) + "\n"
    )
    (tmp_path / "settlements.csv").write_text(SETTLED)
    text = (
        f'[entries.csv]\ndate_format = "{day_form}"\ntimestamp_format = "{instant_form}"\n'
        '[settlements.csv]\ndate_format = "%Y-%m-%d"\ntimestamp_format = ""\n'
    )
    ledger = Ledger.read(tmp_path, profiles.parse(text, "ours"))
    (rejected,) = ledger.rejected
    assert rejected.line == 3
    assert "it lacks digits" in rejected.reason
    ((found, at),) = ledger.con.execute(
        "SELECT effective_date, recorded_at FROM entry WHERE entry_id = '1'"
    ).fetchall()
    hour = 12 if "+0100" in instant else 13
    assert (f"{found}", f"{at:%H:%M:%S}") == ("2026-03-03", f"{hour}:01:05")


def test_numbers_that_stand_apart_may_lack_a_zero() -> None:
    assert packed.shape("%d.%m.%Y %H:%M:%S.%f") == ""
    assert packed.is_whole("3.3.2026 130105", "%d.%m.%Y %H%M%S")
    assert not packed.is_whole("3.3.2026 13015", "%d.%m.%Y %H%M%S")
