"""Files of corrections, read as postings for a book."""

import csv
import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from settle_core import contract
from settle_core.balancing.store import KEY_BYTES_MAX
from settle_core.errors import Fault
from settle_core.formats import plain

FIELD_MAX: Final = 2**31 - 1  # characters; the csv module allows 131,072 by itself


def read(path: Path) -> list[dict[str, Any]]:
    """Corrections as postings for a book: what they correct is their key and memo.

    Args:
        path: a file of `settle correct`, a run folder, or the corrections.csv in it.

    Raises:
        Fault: it holds no corrections.
    """
    file = path / "corrections.csv" if path.is_dir() else path
    csv.field_size_limit(FIELD_MAX)
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            rows, names = list(reader), tuple(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Fault("cannot be read", where=str(file), found=str(error)) from error
    if names not in {contract.CORRECTION_COLUMNS, contract.PROPOSED_COLUMNS}:
        raise Fault(
            "no corrections",
            where=str(file),
            expected="a file of settle correct, or corrections.csv of a run folder",
            found=f"columns {', '.join(names)}" if names else "nothing",
        )
    return [_posting(row, f"{file}, line {number}") for number, row in enumerate(rows, 2)]


def _posting(row: dict[str, str], where: str) -> dict[str, Any]:
    is_of_run = "finding_ids" in row
    if None in row or None in row.values():  # more fields than names, or fewer
        raise Fault("no correction", where=where, found=str(list(row.values())))
    memo = f"corrects {row['finding_ids'].replace(',', ' ')}" if is_of_run else row["memo"]
    if not is_of_run and row["kind"] != "correction":
        raise Fault("no correction", where=where, expected="kind correction", found=row["kind"])
    try:
        return {
            "account_id": plain(row["account_id"]) if is_of_run else row["account_id"],
            "effective_date": date.fromisoformat(row["effective_date"]),
            "amount": Decimal(row["amount"]),
            "key": _key(memo),
            "currency": (plain(row["currency"]) if is_of_run else row["currency"]) or None,
            "memo": memo,
        }
    except (ValueError, ArithmeticError, TypeError) as error:
        raise Fault("no correction", where=where, found=str(dict(row))) from error


def _key(memo: str) -> str:
    """What is corrected, as the key under which it is corrected once."""
    known = memo.encode(errors="surrogateescape")
    if len(known) <= KEY_BYTES_MAX:
        return memo
    return f"corrects sha256 {hashlib.sha256(known).hexdigest()}"
