"""Forms of background workers' shops: counts since 1970, ISO weeks, years of two digits."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from story import Row, at, day, held_to_the_story, plain_settlements, story, write


def since_1970(at_: datetime, times: int) -> int:
    return round(at_.timestamp() * 1_000_000) * times // 1_000_000


def go(folder: Path) -> None:
    """A file a month, names in camel case, cents, milliseconds since 1970."""
    head = ["ID", "WalletID", "ValueDate", "AmountCents", "EntryType", "CreatedAtMs"]
    months: dict[str, list[tuple[str, ...]]] = {}
    for r in story("entries"):
        made = at(r["recorded_at"])
        cents, kind = str(int(Decimal(r["amount"]) * 100)), {"entry": "CHARGE", "counter": "OFFSET"}
        told = (r["entry_id"], r["account_id"], r["effective_date"], cents, kind[r["kind"]])
        row = (*told, str(since_1970(made, 1000)))
        months.setdefault(f"{made:%Y_%m}" if len(months) < 2 else "2099_01", []).append(row)
    for number, rows in enumerate(months.values(), 1):
        write(folder / f"wallet_entries_2026_{number:02d}.csv", [head, *rows])

    def of(r: Row) -> Row:
        cents = str(int(Decimal(r["settled_amount"]) * 100))
        closed = str(since_1970(at(r["settled_at"]), 1000))
        return r | {"settled_amount": cents, "settled_at": closed}

    plain_settlements(folder, of)


def celery(folder: Path) -> None:
    """Seconds since 1970, ISO weeks, and counter-entries that only a text tells."""
    rows = [("uuid", "customer", "booking_day", "amount", "note", "ts")]
    rows += [
        (
            f"{int(r['entry_id']):08x}-aa",
            f"cust {r['account_id']}",
            r["effective_date"],
            r["amount"],
            f"{'Reversal of' if r['kind'] == 'counter' else 'Order'} {r['entry_id']}",
            f"{since_1970(at(r['recorded_at']), 1_000_000) / 1_000_000:.6f}",
        )
        for r in story("entries")
    ]
    write(folder / "postings.csv", rows)

    def of(r: Row) -> Row:
        year, week, _ = date.fromisoformat(r["week_start"]).isocalendar()
        closed = f"{since_1970(at(r['settled_at']), 1_000_000) / 1_000_000:.6f}"
        told = {"account_id": f"cust {r['account_id']}", "week_start": f"{year}-W{week:02d}"}
        return r | told | {"settled_at": closed}

    plain_settlements(folder, of)


def copied(folder: Path) -> None:
    """Years of two digits, NULL for nothing, weeks by an instant where Berlin's clock is."""
    rows = [("id", "subject", "occurred_on", "delta", "typ", "reversal", "inserted_at")]
    rows += [
        (
            r["entry_id"],
            r["account_id"],
            day(r["effective_date"], "%d.%m.%y"),
            r["amount"],
            "S" if Decimal(r["amount"]) < 0 else "H",
            "yes" if r["kind"] == "counter" else "NULL",
            f"{at(r['recorded_at']):%d.%m.%y %H:%M:%S.%f%z}",
        )
        for r in story("entries")
    ]
    write(folder / "lines.csv", rows, "\t")

    def of(r: Row) -> Row:
        start = datetime.combine(date.fromisoformat(r["week_start"]), datetime.min.time())
        start = start.replace(tzinfo=ZoneInfo("Europe/Berlin"))
        closed = f"{at(r['settled_at']):%d.%m.%y %H:%M:%S.%f%z}"
        told = f"{start.astimezone(UTC):%d.%m.%y %H:%M:%S.%f%z}"
        return r | {"week_start": told, "settled_at": closed}

    plain_settlements(folder, of, delimiter="\t")


FORMS = {each.__name__: each for each in (go, celery, copied)}


@pytest.mark.parametrize("name", FORMS)
def test_a_first_profile_reads_it_as_it_was(
    name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    FORMS[name](tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path_factory.getbasetemp())
