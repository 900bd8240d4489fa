"""Forms in which other systems write the same ledger: a first profile reads each as it was.

Invented after what accounting, billing and payment systems and banks export; one story in each.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from story import Row, at, day, held_to_the_story, plain_settlements, story, write


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
    )
}


@pytest.mark.parametrize("name", FORMS)
def test_a_first_profile_reads_it_as_it_was(
    name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    FORMS[name](tmp_path / "export")
    held_to_the_story(tmp_path / "export", tmp_path_factory.getbasetemp())
