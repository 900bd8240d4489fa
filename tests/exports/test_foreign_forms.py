"""Forms in which other systems write the same ledger: a first profile reads each as it was.

Invented after what accounting, billing and payment systems and banks export; one story in each.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from settle_core.audit import Audit, audit
from settle_core.exports import draft

STORY = Path(__file__).parents[1] / "data" / "minimal" / "report_36-reopened-and-settled-again"
Row = dict[str, str]
Cells = Sequence[Sequence[str]]


@cache
def story(table: str) -> tuple[Row, ...]:
    with (STORY / "export" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    if table == "settlements":
        return rows
    # A row that was put right before its week was settled: so that signs come before that too.
    more = [
        dict(rows[0], entry_id=str(100 + k), account_id=a, amount=f"-{k}.5{k}", recorded_at=AT)
        for k, a in enumerate(("900", "901", "902"))
    ]
    return (*rows, *more)


AT = "2026-03-09 03:00:00.000000Z"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def day(text: str, form: str) -> str:
    return f"{date.fromisoformat(text):{form}}"


def write(path: Path, rows: Iterable[Sequence[str]], delimiter: str = ",", **how: str) -> None:
    encoding, head, foot = how.get("encoding", "utf-8"), how.get("head", ""), how.get("foot", "")
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(head)
        csv.writer(file, delimiter=delimiter).writerows(rows)
        file.write(foot)


def german(amount: str) -> str:
    size = f"{abs(Decimal(amount)):,.2f}"
    return size.replace(",", "_").replace(".", ",").replace("_", ".")


def sides(amount: str) -> tuple[str, str]:
    """Debit and credit; what is owed to an account is its credit."""
    size = f"{abs(Decimal(amount)):,.2f}"
    return (size, "") if Decimal(amount) < 0 else ("", size)


def sage(folder: Path) -> None:
    """Titles above, a total below, cp1252, decimal commas, debit and credit, and days first."""
    rows = [("Référence", "Compte", "Date", "Débit", "Crédit", "Type", "Saisi le")]
    for r in story("entries"):
        debit, credit = (each.replace(",", "") for each in sides(r["amount"]))
        rows.append(
            (
                r["entry_id"],
                f"C-{r['account_id']}",
                day(r["effective_date"], "%d/%m/%Y"),
                debit.replace(".", ","),
                credit.replace(".", ","),
                {"entry": "Facture", "counter": "Reversal"}[r["kind"]],
                f"{at(r['recorded_at']):%d/%m/%Y %H:%M:%S.%f}",
            )
        )
    rows.append(("Total", "", "", "1,00", "2,00", "", ""))
    write(
        folder / "ecritures.csv",
        rows,
        ";",
        encoding="cp1252",
        head="Société T\r\n\r\nGrand livre\r\n",
    )
    closings = [("Compte", "Semaine", "Montant settled amount", "Settled at")]
    closings += [
        (
            f"C-{r['account_id']}",
            day(r["week_start"], "%d/%m/%Y"),
            r["settled_amount"].replace(".", ","),
            f"{at(r['settled_at']):%d/%m/%Y %H:%M:%S.%f}",
        )
        for r in story("settlements")
    ]
    write(folder / "abrechnung.csv", closings, ";", encoding="cp1252")


def plain_settlements(folder: Path, change: Callable[[Row], Row] = lambda r: r, **how: str) -> None:
    rows = [change(dict(r)) for r in story("settlements")]
    write(folder / "settlements.csv", [list(rows[0]), *(list(r.values()) for r in rows)], **how)


def netsuite(folder: Path) -> None:
    """American days, clocks of twelve hours, thousands, two columns of amounts."""
    rows = [
        ("Internal ID", "Date", "Date Created", "Name", "Amount (Debit)", "Amount (Credit)", "Type")
    ]
    rows += [
        (
            r["entry_id"],
            day(r["effective_date"], "%m/%d/%Y"),
            f"{at(r['recorded_at']):%m/%d/%Y %I:%M:%S.%f %p}",
            f"Vendor {r['account_id']}",
            *sides(r["amount"]),
            {"entry": "Bill", "counter": "Reversal"}[r["kind"]],
        )
        for r in story("entries")
    ]
    write(folder / "transactions.csv", rows)
    plain_settlements(folder, lambda r: r | {"account_id": f"Vendor {r['account_id']}"})


def quickbooks(folder: Path) -> None:
    """Lines above, parentheses, a total below."""
    rows = [("Num", "Name", "Date", "Amount", "Transaction Type", "Create Date")]
    for r in story("entries"):
        size = f"{abs(Decimal(r['amount'])):,.2f}"
        rows.append(
            (
                r["entry_id"],
                r["account_id"],
                day(r["effective_date"], "%m/%d/%Y"),
                f"({size})" if Decimal(r["amount"]) < 0 else size,
                {"entry": "Bill", "counter": "Reversal"}[r["kind"]],
                f"{at(r['recorded_at']):%m/%d/%Y %H:%M:%S.%f}",
            )
        )
    rows.append(("TOTAL", "", "", "9,999.00", "", ""))
    write(folder / "journal.csv", rows, head="Craig's Company\nJournal\nMarch 2026\n\n")
    plain_settlements(folder)


def zuora(folder: Path) -> None:
    """Both clocks are instants with an offset."""
    rows = [("Id", "AccountNumber", "PostedOn", "CreatedDate", "Amount", "Type")]
    rows += [
        (
            f"8a80{int(r['entry_id']):028x}",
            f"A000{r['account_id']}",
            f"{r['effective_date']}T12:00:00.000+00:00",
            at(r["recorded_at"]).isoformat(),
            r["amount"],
            {"entry": "Charge", "counter": "Reversal"}[r["kind"]],
        )
        for r in story("entries")
    ]
    write(folder / "items.csv", rows)
    plain_settlements(folder, lambda r: r | {"account_id": f"A000{r['account_id']}"})


def paypal(folder: Path) -> None:
    """Unsigned cents with CR and DR, days that are instants of another zone."""
    zone = ZoneInfo("America/Los_Angeles")
    rows = [
        (
            "Transaction ID",
            "Payee",
            "Initiation Date",
            "Completion Date",
            "Debit or Credit",
            "Gross Amount",
            "Event Code",
        )
    ]
    for r in story("entries"):
        noon = datetime.fromisoformat(f"{r['effective_date']}T12:00:00+00:00")
        rows.append(
            (
                f"{int(r['entry_id']):05d}X",
                f"P{r['account_id']}",
                f"{noon.astimezone(zone):%Y/%m/%d %H:%M:%S.%f %z}",
                f"{at(r['recorded_at']).astimezone(zone):%Y/%m/%d %H:%M:%S.%f %z}",
                "DR" if Decimal(r["amount"]) < 0 else "CR",
                f"{abs(Decimal(r['amount'])) * 100:.0f}",
                {"entry": "T0006", "counter": "T1107 reversal"}[r["kind"]],
            )
        )
    write(folder / "transactions.csv", rows)

    def cents(r: Row) -> Row:
        amount = f"{Decimal(r['settled_amount']) * 100:.0f}"
        return r | {"account_id": f"P{r['account_id']}", "settled_amount": amount}

    plain_settlements(folder, cents)


def shopify(folder: Path) -> None:
    """Payouts stand among the entries, and are none."""
    rows = [("id", "shop", "day", "amount", "type", "status", "recorded_at")]
    rows += [
        (
            r["entry_id"],
            f"shop-{r['account_id']}",
            r["effective_date"],
            r["amount"],
            {"entry": "charge", "counter": "reversal"}[r["kind"]],
            "posted",
            r["recorded_at"],
        )
        for r in story("entries")
    ]
    for k, s in enumerate(story("settlements")):
        rows.append(
            (
                str(900 + k),
                f"shop-{s['account_id']}",
                s["week_start"],
                f"{-Decimal(s['settled_amount'])}",
                "charge",
                "paid out",
                s["settled_at"],
            )
        )
    write(folder / "balance.csv", rows)
    plain_settlements(folder, lambda r: r | {"account_id": f"shop-{r['account_id']}"})


def datev(folder: Path) -> None:
    """A line about the file above the header, S and H, decimal commas."""
    rows = [("Belegnr", "Konto", "Umsatz", "S/H", "Belegdatum", "Erfasst am", "Art", "Text")]
    rows += [
        (
            r["entry_id"],
            f"7{r['account_id']}",
            german(r["amount"]),
            "S" if Decimal(r["amount"]) < 0 else "H",
            day(r["effective_date"], "%d.%m.%Y"),
            f"{at(r['recorded_at']):%d.%m.%Y %H:%M:%S.%f}",
            {"entry": "Buchung", "counter": "Storno"}[r["kind"]],
            "für März",
        )
        for r in story("entries")
    ]
    head = '"EXTF";700;21;"Buchungsstapel";13\r\n'
    write(folder / "EXTF_Buchungen.csv", rows, ";", encoding="cp1252", head=head)
    closings = [("Konto", "Woche", "Betrag", "Abgerechnet am")]
    closings += [
        (
            f"7{r['account_id']}",
            day(r["week_start"], "%d.%m.%Y"),
            ("-" if Decimal(r["settled_amount"]) < 0 else "") + german(r["settled_amount"]),
            f"{at(r['settled_at']):%d.%m.%Y %H:%M:%S.%f}",
        )
        for r in story("settlements")
    ]
    write(folder / "Abrechnung.csv", closings, ";", encoding="cp1252")


def bank(folder: Path) -> None:
    """Semicolons, a minus behind, and lines below of another width."""
    rows = [("Nr", "Konto", "Wertstellung", "Betrag", "Art", "Erfasst")]
    rows += [
        (
            r["entry_id"],
            r["account_id"],
            day(r["effective_date"], "%d.%m.%Y"),
            german(r["amount"]) + ("-" if Decimal(r["amount"]) < 0 else ""),
            {"entry": "Buchung", "counter": "Storno"}[r["kind"]],
            r["recorded_at"],
        )
        for r in story("entries")
    ]
    write(folder / "umsaetze.csv", rows, ";", encoding="utf-8-sig")
    plain_settlements(folder)


def spark(folder: Path) -> None:
    """A folder of Parquet parts with exact types."""
    for table, money in (("entries", "amount"), ("settlements", "settled_amount")):
        parts = folder / f"{table}.parquet"
        parts.mkdir(parents=True)
        source = folder.parent / f"{table}.csv"
        write(source, [list(story(table)[0]), *(list(r.values()) for r in story(table))])
        with duckdb.connect() as con:
            con.read_csv(str(source), all_varchar=True).create("t")
            con.execute(f"ALTER TABLE t ALTER {money} TYPE DECIMAL(20, 4)")
            half = len(con.table("t")) // 2
            con.table("t").limit(half).write_parquet(str(parts / "part-00000.parquet"))
            con.table("t").limit(9999, half).write_parquet(str(parts / "part-00001.parquet"))


def unicode_text(folder: Path) -> None:
    """What a spreadsheet saves as Unicode text: UTF-16 with tabs."""
    rows = [list(r.values()) for r in story("entries")]
    write(folder / "entries.csv", [list(story("entries")[0]), *rows], "\t", encoding="utf-16")
    plain_settlements(folder, encoding="utf-16")


def sap(folder: Path) -> None:
    """Ids and clocks in several columns, pipes."""
    rows = [
        (
            "BUKRS",
            "BELNR",
            "GJAHR",
            "BUZEI",
            "LIFNR",
            "SHKZG",
            "DMBTR",
            "BUDAT",
            "CPUDT",
            "CPUTM",
            "STBLG",
        )
    ]
    for r in story("entries"):
        number = int(r["entry_id"])
        rows.append(
            (
                "1000",
                f"19{number // 2:08d}",
                "2026",
                f"{1 + number % 2:03d}",
                f"0000{r['account_id']}",
                "S" if Decimal(r["amount"]) < 0 else "H",
                f"{abs(Decimal(r['amount']))}",
                day(r["effective_date"], "%Y%m%d"),
                f"{at(r['recorded_at']):%Y%m%d}",
                f"{at(r['recorded_at']):%H%M%S}",
                "190" if r["kind"] == "counter" else "",
            )
        )
    write(folder / "BSEG.csv", rows, "|")

    def of(r: Row) -> Row:
        told = f"{at(r['settled_at']):%Y%m%d %H%M%S}"
        week = day(r["week_start"], "%Y%m%d")
        return r | {"account_id": f"0000{r['account_id']}", "settled_at": told, "week_start": week}

    plain_settlements(folder, of)


def since_1970(at_: datetime, times: int) -> int:
    return round(at_.timestamp() * 1_000_000) * times // 1_000_000


def go(folder: Path) -> None:
    """A file a month, names in camel case, cents, milliseconds since 1970."""
    head = ["ID", "WalletID", "ValueDate", "AmountCents", "EntryType", "CreatedAtMs"]
    months: dict[str, list[Sequence[str]]] = {}
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


FORMS = {
    each.__name__: each
    for each in (
        sage,
        netsuite,
        quickbooks,
        zuora,
        paypal,
        shopify,
        datev,
        bank,
        spark,
        unicode_text,
        sap,
        go,
        celery,
        copied,
    )
}


@cache
def canonical(root: Path) -> Audit:
    rows = [list(r.values()) for r in story("entries")]
    write(root / "canonical" / "entries.csv", [list(story("entries")[0]), *rows])
    plain_settlements(root / "canonical")
    return audit.run(root / "canonical", "canonical")


@pytest.mark.parametrize("name", FORMS)
def test_a_first_profile_reads_it_as_it_was(
    name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    FORMS[name](tmp_path / "export")
    told = draft.guess(tmp_path / "export")
    (tmp_path / "first.toml").write_text(told.text, "utf-8")
    found = audit.run(tmp_path / "export", str(tmp_path / "first.toml"))
    plain = canonical(tmp_path_factory.getbasetemp())
    assert sorted(str(f.effect) for f in found.findings) == sorted(
        str(f.effect) for f in plain.findings
    )
    assert [row.reason for row in found.rejected] == []
    assert found.agreement.agreeing == plain.agreement.agreeing
    assert found.inputs[0].totals[0][1] == plain.inputs[0].totals[0][1]
