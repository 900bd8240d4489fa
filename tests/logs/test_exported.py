"""What query tools export says what the log said: a table, a document, the newest line first."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import enveloped
import pytest
import recorded_logs as logged

from settle_core.errors import Fault
from settle_core.logs.lines.model import Found
from settle_core.logs.scanned import files, scan

ALWAYS = [(-(1 << 62), 1 << 62)]
RAILS = [logged.in_default_format(x) for x in logged.lines("sidekiq_race", "rails.log")[1:400]]
SERVER = logged.lines("sidekiq_race", "postgres.jsonl")[:400]
Rows = list[tuple[str, str]]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([columns, *rows])
    return file.getvalue()


def insights(rows: Rows) -> str:
    return table(("@timestamp", "@message"), ((at[:23].replace("T", " "), x) for at, x in rows))


def datadog(rows: Rows) -> str:
    return table(("Date", "Host", "Service", "Message"), ((f"{t}Z", "h", "s", x) for t, x in rows))


def google(rows: Rows) -> str:
    columns = "insertId", "textPayload", "timestamp", "resource.labels.pod_name"
    return table(columns, ((str(k), x, f"{at}Z", "w") for k, (at, x) in enumerate(rows)))


def splunk(rows: Rows) -> str:
    return table(("_raw", "_time"), ((x, f"{at}+0000") for at, x in rows), delimiter=";")


def google_document(rows: Rows) -> str:
    return json.dumps([{"timestamp": f"{at}Z", "textPayload": x} for at, x in rows], indent=2)


def amazon_document(rows: Rows) -> str:
    events = [{"logStreamName": "w/1", "timestamp": f"{at}Z", "message": x} for at, x in rows]
    return json.dumps({"events": events, "searchedLogStreams": []}, indent=4)


def insights_document(rows: Rows) -> str:
    pairs = [
        [{"field": "@timestamp", "value": at}, {"field": "@message", "value": x}] for at, x in rows
    ]
    return json.dumps({"results": pairs, "status": "Complete"})


def lines(rows: Rows) -> str:
    return "".join(f"{x}\n" for _, x in rows)


EXPORTS: Final[tuple[Callable[[Rows], str], ...]] = (
    insights,
    datadog,
    google,
    splunk,
    google_document,
    amazon_document,
    insights_document,
    lines,
)


def read(path: Path, text: str) -> tuple[Found, dict[str, object]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    found, (told_of,) = scan.read(files.recognise([str(path)], files.readers()), ALWAYS, "UTC")
    (one,) = (each for each in found if each.statements)
    return one, told_of


def told(found: Found) -> tuple[object, ...]:
    said = [(s.context.partition("|")[2], s.from_us, s.text, s.order) for s in found.statements]
    return found.kind, said, [s.parsed for s in found.statements], found.unread, found.lost


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_says_what_the_log_said(export: Callable[[Rows], str], tmp_path: Path) -> None:
    """Oldest or newest first; the texts of plain PostgreSQL logs stand over lines of one field."""
    texts = [logged.plain_text(x) for x in SERVER]
    for name, log in (("rails", RAILS), ("server", SERVER), ("text", texts)):
        is_lines = export is lines and name == "text"  # of which one would be several records
        plain, _ = read(tmp_path / name / "plain.log", "".join(f"{x}\n" for x in log))
        rows = list(enveloped.moments(log))
        for k, some in enumerate((rows, rows if is_lines else rows[::-1])):
            inner, told_of = read(tmp_path / name / f"{k}.log", export(some))
            assert (name, k, told(inner)) == (name, k, told(plain))
            assert told_of["lines"] == (len(log) if not is_lines else told_of["lines"])


@pytest.mark.parametrize("export", [datadog, google_document])
def test_the_lines_that_are_kept_are_records_of_the_export(
    export: Callable[[Rows], str], tmp_path: Path
) -> None:
    """Each place is that of a whole record, also where lines go on and letters are two bytes."""
    rows = [
        (at, logged.over_lines(x).replace("LIMIT", "/* größe */ LIMIT"))
        for at, x in enveloped.moments(RAILS)
    ]
    for some in (rows, rows[::-1]):
        path = tmp_path / "a.txt"
        found, _ = read(path, export(some))
        (file,) = files.recognise([str(path)], files.readers())
        data = path.read_bytes()
        for statement in found.statements:
            place = statement.place
            (record,) = (raw for _, raw in scan.fetch(str(path), {place}))
            opened = file.opened(record.decode().rstrip("\r\n"))
            assert opened is not None
            assert statement.text.strip() in opened.text
            assert data.count(b"\n", 0, place.offset) == place.line - 1


def test_a_table_whose_column_of_lines_is_not_known_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = ((str(k), x) for k, x in enumerate(RAILS))
    path.write_text(table(("id", "what it was"), rows), "utf-8")
    with pytest.raises(Fault, match=r"without a column of lines.*@message.*columns id, what it"):
        files.recognise([str(path)], files.readers())


def test_a_document_that_was_cut_tells_what_is_left(tmp_path: Path) -> None:
    whole = google_document(list(enveloped.moments(RAILS)))
    plain, _ = read(tmp_path / "plain.log", "".join(f"{x}\n" for x in RAILS))
    found, told_of = read(tmp_path / "a.json", whole[: len(whole) // 2])
    assert [s.text for s in found.statements] == [
        s.text for s in plain.statements[: len(found.statements)]
    ]
    assert len(found.statements) > len(plain.statements) // 3
    assert told_of["lines_not_understood"] == 1


def test_a_csvlog_that_went_through_a_table(tmp_path: Path) -> None:
    """Its names are quoted only where they must be, and a header may stand above it."""
    columns = [f"c{k}" for k in range(26)]
    columns[0] = "log_time"
    rows = []
    for line in SERVER:
        told_of = json.loads(line)
        row = [""] * 26
        row[0], row[1], row[2] = told_of["timestamp"], "app", "ledger"
        row[3], row[5], row[6] = (str(told_of[n]) for n in ("pid", "session_id", "line_num"))
        row[11], row[13], row[14] = told_of["error_severity"], told_of["message"], ""
        row[14] = told_of.get("detail", "")
        rows.append(row)
    plain, _ = read(tmp_path / "plain.log", "".join(f"{x}\n" for x in SERVER))
    found, _ = read(tmp_path / "a.csv", table(columns, rows))
    assert told(found)[1:3] == told(plain)[1:3]
    assert found.unread == 1
