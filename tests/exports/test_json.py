"""Exports in JSON: lines of objects, lists, nested ones; what is none is named, none is lost."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from story import Row, held_to_the_story, story

from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.draft import draft
from settle_core.exports.files import json_rows
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.profiles.keys import Dialect
from settle_core.exports.reading.ledger import Ledger

Objects = list[dict[str, Any]]


def lines(objects: Objects) -> str:
    return "\n".join(map(json.dumps, objects))


def pretty(objects: Objects) -> str:
    return "\n".join(json.dumps(each, indent=2) for each in objects)


def listed(objects: Objects) -> str:
    return json.dumps(objects, indent=1)


def wrapped(objects: Objects) -> str:
    """The name of the list stands before it as well, and text that looks like one."""
    meta = {"data": [1, 2], "said": '"data": [', "count": len(objects)}
    return json.dumps({"meta": meta, "data": objects, "errors": []})


def answered(objects: Objects) -> str:
    """The list is some objects down, beside what is deeper still."""
    links = {"links": {"first": [{"rel": "a"}], "last": [{"rel": "b"}]}}
    return json.dumps({"cursor": {"size": 9, "data": objects, "more": links}, "status": {}})


def pages(objects: Objects) -> str:
    """Lists that were put one behind the other."""
    half = len(objects) // 2
    return json.dumps(objects[:half]) + "\n" + json.dumps(objects[half:])


FORMS: dict[str, Callable[[Objects], str]] = {
    f.__name__: f for f in (lines, pretty, listed, wrapped, answered, pages)
}


def plain(r: Row) -> dict[str, Any]:
    return dict(r)


def mongo(r: Row) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in r.items():
        if name.endswith("_at"):
            told[name] = {"$date": value}
        elif "amount" in name:
            told[name] = {"$numberDecimal": value}
        else:
            told[name] = value
    return {"_id": {"$oid": "a" * 24}} | told


def nested(r: Row) -> dict[str, Any]:
    return {"type": "row", "attributes": dict(r), "links": None}


@pytest.mark.parametrize("form", FORMS)
def test_a_first_profile_reads_json(form: str, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    for name in ("entries", "settlements"):
        text = FORMS[form]([plain(r) for r in story(name)])
        (tmp_path / "export" / f"{name}.json").write_text(text, "utf-8")
    held_to_the_story(tmp_path / "export", tmp_path)


@pytest.mark.parametrize("each", [mongo, nested])
def test_what_is_nested_or_wrapped_is_laid_out(
    each: Callable[[Row], dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "export").mkdir()
    for name in ("entries", "settlements"):
        text = lines([each(r) for r in story(name)]).encode()
        (tmp_path / "export" / f"{name}.jsonl.gz").write_bytes(gzip.compress(text))
    held_to_the_story(tmp_path / "export", tmp_path)


def laid(text: str, tmp_path: Path) -> tuple[json_rows.Laid, str, str]:
    path = tmp_path / "rows.json"
    path.write_text(text, "utf-8")
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    told = json_rows.clean(path, Dialect(), good, bad)
    return told, good.read_text("utf-8"), bad.read_text("utf-8")


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    text = (
        '{"a": 0.10000000000000000001, "b": 12345678901234567890, "c": 1E2, "d": true, "e": null}'
    )
    told, good, _ = laid(text, tmp_path)
    assert told.columns == ("a", "b", "c", "d", "e")
    assert good == '"1","0.10000000000000000001","12345678901234567890","1E2","true",""\n'


def test_a_line_that_is_no_row_is_rejected_with_its_line(tmp_path: Path) -> None:
    text = '{"a": 1}\n\n{"a": 2\n[3]\n{"a": 4, "a": 5}\n{"a": "\\u0000"}\n{"b": 6}\n'
    told, good, bad = laid(text, tmp_path)
    assert (told.counted, told.rejected) == (2, 4)
    assert good == '"1","1",""\n"7","","6"\n'
    places = [line.split(",")[:2] for line in bad.splitlines()]
    assert [place for place, _ in places] == ['"3"', '"4"', '"5"', '"6"']
    for (_, reason), said in zip(places, ("no JSON", "no object", "twice", "no text"), strict=True):
        assert said in reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1}, {"a": 2}', "the list has no end"),
        ('[{"a": 1}, {"a":', "the file is no JSON"),
        ('[{"a": 1}] {"a": 2}', "stands behind the list"),
        ('{"rows": [{"a": 1}], "more": [{"a": 2}]}', "more than one list of rows"),
        ('[{"a": 1, "a": 2}]', "comes twice"),
        ("[]", "no row is in the file"),
        ("", "no row is in the file"),
    ],
)
def test_json_of_which_rows_might_be_lost_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=said):
        laid(text, tmp_path)


def test_a_rejected_line_leaves_the_others_in_the_ledger(tmp_path: Path) -> None:
    for name in ("entries", "settlements"):
        text = lines([plain(r) for r in story(name)])
        (tmp_path / f"{name}.jsonl").write_text(f"{text}\n{{cut", "utf-8")
    told = draft.guess(tmp_path)
    ledger = checked.read(tmp_path, profiles.parse(told.text, "first"))
    assert [row.line for row in ledger.rejected] == [
        len(story("entries")) + 1,
        len(story("settlements")) + 1,
    ]
    assert ledger.inputs[0].rows_accepted == len(story("entries"))


def test_json_beside_tables_is_none_of_the_export(tmp_path: Path) -> None:
    for name in ("entries", "settlements"):
        text = lines([plain(r) for r in story(name)])
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(Fault, match=r"rows\.csv"):
        draft.guess(tmp_path)


PAGED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "more": ([{"has_more": True}], "last page is missing .*has_more is true"),
    "a link": ([{"paging": {"next": "/v1/rows?after=9"}}], "last page is missing"),
    "a token": ([{"LastEvaluatedKey": {"id": {"S": "9"}}}], "last page is missing"),
    "a count": ([{"meta": {"total_count": 9}}], "2 rows of 9"),
    "the last of two": ([{"has_more": True}, {"has_more": False}], ""),
    "none behind two": ([{"next": "b"}, {"next": "c"}], "last page is missing"),
    "two, and a count": ([{"total_count": 4}, {"total_count": 4}], ""),
    "nothing more": ([{"has_more": False, "next": None, "links": {"next": ""}}], ""),
    "the only one": ([{"total_count": 2}], ""),
}


@pytest.mark.parametrize("name", PAGED)
def test_one_page_of_several_is_not_taken_for_all(name: str, tmp_path: Path) -> None:
    pages, told = PAGED[name]
    for number, page in enumerate(pages):
        rows = [
            {"entry_id": 2 * number + k, "account_id": 7, "effective_date": "2026-01-06"}
            | {"amount": "5.00", "kind": "entry", "recorded_at": "2026-01-06T09:00:00Z"}
            for k in range(2)
        ]
        (tmp_path / f"entries_{number}.json").write_text(json.dumps(page | {"data": rows}))
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,10,2026-01-12T03:00:00Z\n"
    )
    profile = profiles.parse('[entries]\nfile = "entries_*.json"\nparts = "append"\n', "test")
    if told:
        with pytest.raises(Fault, match=told):
            Ledger.read(tmp_path, profile)
    else:
        assert Ledger.read(tmp_path, profile).inputs[0].rows_accepted == 2 * len(pages)


def test_the_draft_of_one_page_says_so(tmp_path: Path) -> None:
    rows = json.dumps({"data": list(story("entries")), "has_more": True})
    (tmp_path / "entries.json").write_text(rows)
    (tmp_path / "settlements.json").write_text(json.dumps(list(story("settlements"))))
    with pytest.raises(Fault, match="last page is missing"):
        draft.guess(tmp_path)
