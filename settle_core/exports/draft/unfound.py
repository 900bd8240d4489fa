"""What a first profile did not find, in the words of the keys that would say it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from settle_core import contract, formats
from settle_core.errors import Fault
from settle_core.exports.reading.rejected import Rejected
from settle_core.formats import clean, toml_text

# Keys that read what a column alone does not tell, or that is written in another way.
KEYS: Final = {
    "effective_date": "csv.date_format, entries.effective",
    "amount": "entries.amount, csv.decimal, csv.thousands, csv.negative, csv.currency_marks",
    "kind": "entries.kinds",
    "recorded_at": "csv.timestamp_format, of which a zone is an offset, UTC or, by %Z, a short "
    "name that clock.zone has",
    "week_start": "csv.date_format, or settlements.period, which takes a last_day, an end, an "
    "iso_week (as 2026-W37 or KW 37/2026, also of two columns, [year, week]) or a file_name that "
    "tells it, and weeks of other counts: week_of_january_1 (as WEEKNUM has), full_week (as %U)",
    "settled_amount": "settlements.amounts, csv.decimal, csv.thousands, csv.currency_marks",
    "settled_at": "csv.timestamp_format, settlements.period",
}
_PULL: Final = "settle pull sqlite:///PATH exports the tables of a SQLite database"
_DUMP: Final = "load a dump into its database, and settle pull exports it from there"
_UNPACK: Final = "unpack it; .csv.gz is read as it is"
_SAVE: Final = "save it as .xlsx or CSV"
# What is none of ours, by how it ends, and what makes an export of it.
OTHER_FILES: Final = {
    **dict.fromkeys((".db", ".sqlite", ".sqlite3"), _PULL),
    **dict.fromkeys((".sql", ".sql.gz", ".dump"), _DUMP),
    **dict.fromkeys((".zip", ".zst", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".rar"), _UNPACK),
    **dict.fromkeys((".xls", ".xlsb", ".ods"), _SAVE),
}
TOTALS: Final = (
    "# Rows of totals are set aside by skip, by a word that no other row has in that column: of a "
    "total\n# without one take the row out of the export."
)
SHOWN_MAX: Final = 40  # columns that are named
# Values that no key reads, by what they look like, and what to do about them.
_MONTHS: Final = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(tember)?|oct(ober)?|"
    "nov(ember)?|dec(ember)?"
)
NO_KEY: Final = {
    re.compile(
        r"[-+]?\d+([.,]\d*)?e[-+]?\d+", re.IGNORECASE
    ): "export amounts in full: those that are written with an exponent may have lost digits",
    re.compile(
        rf"\d\d?\.?[-/ ](de )?(?!({_MONTHS})\b)[^\W\d_]{{3,}}\.?[-/ ](de )?\d\d.*", re.IGNORECASE
    ): "export days by numbers: of months no names but the English ones are read",
    re.compile(r".*\d\[[A-Z].*"): "export instants without a name in brackets behind the offset",
    re.compile(r".*\d [ap]\. ?m\..*"): "export hours from 0 to 23, or with AM and PM",
    re.compile(
        r"\d{7}\.\d+|1[23]\d{16}"
    ): "export instants as ISO 8601, as 2026-03-09T03:00:00Z: Julian days and ticks are not read",
    re.compile(
        r"""='?"?[-+\d].*|'[-+]?\d.*"""
    ): "export amounts plain, without what keeps a spreadsheet from reading them as numbers",
    re.compile(
        r"[\d.,' ]+[.,][-\u2013\u2014]+"
    ): "export amounts with all decimals, not with a dash in place of none",
}


def unread(tables: Mapping[str, Sequence[str]], profile: str) -> list[str]:
    """Comments on what a first profile leaves aside: columns it does not name, optional keys.

    Args:
        tables: the names of their columns.
        profile: its text.
    """
    ours = {*contract.ENTRY_REQUIRED, *contract.ENTRY_OPTIONAL, *contract.SETTLEMENT_REQUIRED}
    lines = []
    for table, names in tables.items():
        left = [n for n in names if n not in ours and toml_text(n) not in profile]
        more = f" and {len(left) - SHOWN_MAX} more" if len(left) > SHOWN_MAX else ""
        named = ", ".join(clean(name) for name in left[:SHOWN_MAX])
        lines += [f"# Not read of {clean(table)}: {named}{more}."] if left else []
    if not lines:
        return []
    there = {name for names in tables.values() for name in names}
    keys = [k for k in contract.ENTRY_OPTIONAL if k not in there and f"\n{k} = " not in profile]
    asked = f" If one of them is one of {', '.join(keys)}: name it in [entries.columns]."
    return ["", *lines[:-1], lines[-1] + asked] if keys else ["", *lines]


def rejected(rows: Sequence[Rejected], *, is_below: bool = False) -> list[str]:
    """Comments on rows that no reading takes, with what the first of them was rejected for.

    `is_below` says that in some rows hardly a field is filled, as in those of totals.
    """
    if not rows:
        return []
    first = rows[0]
    count = formats.count(len(rows), "row is", "rows are")
    return [
        "",
        f"# {count} rejected by this profile, the first in {clean(first.file)}, line {first.line}:",
        f"# {clean(first.reason)}. An audit is incomplete until it is mended or set aside.",
        *(is_below * (TOTALS,)),
    ]


def no_table(folder: Path) -> Fault:
    """The fault of a folder in which nothing is called as a table is, with what would read it."""
    names = sorted(path.name for path in folder.iterdir())
    endings = {ending for name in names for ending in OTHER_FILES if name.lower().endswith(ending)}
    todo = "; ".join(dict.fromkeys(OTHER_FILES[ending] for ending in sorted(endings)))
    more = f" and {len(names) - SHOWN_MAX} more" if len(names) > SHOWN_MAX else ""
    return Fault(
        "there is no table to look at",
        where=str(folder),
        expected="files that end in .csv, .csv.gz, .parquet, .xlsx, .json or .jsonl, or folders of "
        "Parquet",
        found=(", ".join(map(clean, names[:SHOWN_MAX])) or "an empty folder") + more,
        todo=todo or "name the file in full in entries.file: any ending is then taken as CSV",
    )


def columns(
    missing: Sequence[str],
    required: Sequence[str],
    where: str,
    left: str,
    shown: Mapping[str, str],
) -> Fault:
    """The fault of columns that are not to be found in a table.

    Args:
        missing: our names of them.
        required: all that were looked for.
        where: the table.
        left: its columns that may still be one.
        shown: the column that is called so and a value of it, where there is one.
    """
    path = "settlements" if {"week_start", "settled_at"} & set(required) else "entries"
    keys = dict.fromkeys(key for name in missing for key in (KEYS.get(name, ""),) if key)
    named = ", ".join(f"{path}.columns.{name}" for name in missing)
    told = "".join(f"; in {clean(name)}, {value!r}" for name, value in shown.items())
    no_key = [
        todo
        for form, todo in NO_KEY.items()
        if any(form.fullmatch(value) for value in shown.values())
    ]
    return Fault(
        f"no column looks like {', '.join(missing)}",
        where=where,
        expected="a column for each that is required",
        found=left + told,
        todo="; ".join(no_key)
        or f"write the profile by hand: name the columns in {named}"
        + (f"; for what is written in another way see {'; '.join(keys)}" if keys else ""),
    )
