"""Text whose quotes are letters, or whose backslashes escape: no row is lost in another one."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from story import held_to_the_story, plain_settlements, story

from settle_core.errors import Fault
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger

COPIED = '[csv]\ndelimiter = "\\t"\nquote = "none"\nescape = "\\\\"\n'
MEMOS = ('"so', 'size 15"', "a\tb", "two\nlines", "back\\", '"', "C:\\new", "", '"both"', 'of "x"')
Text = Callable[[str], str]


def copied(value: str) -> str:
    """As PostgreSQL's COPY writes a value."""
    if not value:
        return r"\N"
    for letter, name in (("\\", "\\\\"), ("\n", r"\n"), ("\t", r"\t"), ("\r", r"\r")):
        value = value.replace(letter, name)
    return value


def dumped(value: str) -> str:
    """As mysqldump --tab does: a backslash goes before the line end itself."""
    value = value.replace("\\", "\\\\").replace("\n", "\\\n").replace("\t", "\\\t")
    return value or r"\N"


def enclosed(value: str) -> str:
    """As SELECT ... INTO OUTFILE ... ENCLOSED BY does."""
    value = value.replace("\\", "\\\\").replace("\n", "\\\n").replace('"', '\\"')
    return f'"{value}"' if value else r"\N"


def unloaded(value: str) -> str:
    """As Snowflake does by default, which takes quotes for letters in CSV too."""
    return value.replace("\\", "\\\\").replace("\n", r"\n").replace(",", r"\,") or r"\N"


WAYS: dict[str, tuple[Text, str, str]] = {
    "COPY": (copied, "\t", "tsv"),
    "mysqldump": (dumped, "\t", "txt"),
    "OUTFILE": (enclosed, ",", "csv"),
    "Snowflake": (unloaded, ",", "csv"),
}


def write(
    path: Path,
    text: Text,
    delimiter: str,
    memos: tuple[str, ...] = MEMOS,
    notes: tuple[str, ...] = MEMOS,
) -> Path:
    rows = [dict(row) for row in story("entries")]
    for k, row in enumerate(rows):
        row["memo"], row["note"] = memos[k % len(memos)], notes[k // 2 % len(notes)]
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(delimiter.join(map(text, line)) + "\n" for line in lines), "utf-8")
    return path.parent


@pytest.mark.parametrize("way", WAYS)
def test_text_with_escapes_is_found_and_read(way: str, tmp_path: Path) -> None:
    text, delimiter, ending = WAYS[way]
    export = write(tmp_path / "export" / f"entries.{ending}", text, delimiter)
    plain_settlements(export)
    (export / "settlements.csv").rename(export / f"settlements.{ending}")
    held_to_the_story(export, tmp_path)


def test_rows_between_two_quotes_are_not_lost_without_a_word(tmp_path: Path) -> None:
    """By a profile that does not say so, a field that begins with a quote ends in a later row."""
    memos = ("", '"begins', "", 'ends"')
    export = write(tmp_path / "export" / "entries.csv", copied, "\t", memos, ("",))
    written = (export / "entries.csv").read_text().replace(r"\N", "")
    (export / "entries.csv").write_text(written)
    plain_settlements(export)
    for more in ("", "skip_lines = 0\nencoding = 'latin-1'\n"):  # fast, and split
        profile = profiles.parse(f'[entries.csv]\ndelimiter = "\\t"\n{more}', "test")
        with pytest.raises(Fault, match=r"quotes hold what looks like whole rows .*csv\.quote"):
            Ledger.read(export, profile)


def test_text_of_many_lines_is_one_row(tmp_path: Path) -> None:
    """Even such as looks like rows, where the profile says that it is none."""
    header = "entry_id,account_id,effective_date,amount,kind,recorded_at,memo\n"
    first = '1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z,"a, b\nc\n\nd"\n'
    pasted = '2,7,2026-01-06,1.00,entry,2026-01-06T09:00:00Z,"a\n,,,,,,\n1,2,3,4,5,6,"\n'
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,11.00,2026-01-12T03:00:00Z\n"
    )
    (tmp_path / "entries.csv").write_text(header + first)
    assert Ledger.read(tmp_path, profiles.parse("", "test")).inputs[0].rows_accepted == 1
    (tmp_path / "entries.csv").write_text(header + first + pasted)
    with pytest.raises(Fault, match="3 such lines"):
        Ledger.read(tmp_path, profiles.parse("", "test"))
    doubled = profiles.parse('[csv]\nquote = "doubled"\n', "test")
    assert Ledger.read(tmp_path, doubled).inputs[0].rows_accepted == 2


def test_as_many_rows_are_read_as_were_written(tmp_path: Path) -> None:
    """By the count of a writer that knows no quotes, whatever stands in the texts."""
    rng = random.Random(7)  # noqa: S311  no secret
    letters = ('"', "\\", "\t", "\n", "N", "a", ",", '""', "\\N", "\\.")
    for k in range(25):
        memos = tuple("".join(rng.choices(letters, k=rng.randrange(6))) for _ in range(17))
        text = rng.choice([copied, dumped])
        export = write(tmp_path / str(k) / "entries.csv", text, "\t", memos)
        plain_settlements(export)
        keys = COPIED.replace("[csv]", "[entries.csv]")
        given = Ledger.read(export, profiles.parse(keys, "test"))
        counts = given.inputs[0].rows_accepted, len(given.rejected)
        assert counts == (len(story("entries")), 0), memos


ODD = {
    "a\\0b": "NUL character",
    "a\rb": "carriage return",
    "a\\": "the row has 13 fields, the header 7",
}


@pytest.mark.parametrize("memo", ODD)
def test_what_is_no_text_of_copy_is_rejected(memo: str, tmp_path: Path) -> None:
    row = "{}\t7\t2026-01-06\t10.00\tentry\t2026-01-06T09:00:00Z\t{}\n"
    header = "entry_id\taccount_id\teffective_date\tamount\tkind\trecorded_at\tmemo\n"
    text = header + row.format(1, "x") + row.format(2, memo) + row.format(3, "x")
    (tmp_path / "entries.csv").write_text(text, newline="")
    (tmp_path / "settlements.csv").write_text(
        "account_id\tweek_start\tsettled_amount\tsettled_at\n"
        "7\t2026-01-05\t1\t2026-01-12T03:00:00Z\n"
    )
    (bad,) = Ledger.read(tmp_path, profiles.parse(COPIED, "test")).rejected
    assert (bad.line, ODD[memo] in bad.reason) == (3, True)
