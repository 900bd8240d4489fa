"""What collectors put around a log's lines takes nothing from what it says, and adds nothing."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import enveloped
import pytest
import recorded_logs as logged

from settle_core.errors import Fault
from settle_core.logs.lines.model import Found
from settle_core.logs.scanned import files, scan

ALWAYS = [(-(1 << 62), 1 << 62)]
RAILS = [
    re.sub(r"^(\S+)Z ([A-Z]) ", r"\2, [\1 #812]  INFO -- : ", x)
    for x in logged.lines("sidekiq_race", "rails.log")[1:]
]
KINDS = {
    "production.log": RAILS,
    "rails.log": [logged.in_default_format(x) for x in logged.lines("sidekiq_race", "rails.log")],
    "sidekiq.log": logged.lines("sidekiq_lost", "sidekiq.log"),
    "postgres.log": [
        y
        for x in logged.lines("sidekiq_race", "postgres.jsonl")
        for y in logged.plain_text(x).split("\n")
    ],
    "postgres.jsonl": logged.lines("sidekiq_race", "postgres.jsonl"),
    "worker.log": logged.lines("celery_race", "worker.log"),
    "general.log": logged.lines("mariadb_pinned", "general.log"),
}


def read(path: Path, log: Iterable[str]) -> list[Found]:
    """What the readers found, without those that found nothing."""
    recognised = files.recognise([logged.write(path, log)], files.readers())
    found, _ = scan.read(recognised, ALWAYS, "UTC")
    return [each for each in found if each.statements or each.events]


def told(found: Found) -> tuple[object, ...]:
    """What a log says, whatever the name of its group."""
    return (
        found.kind,
        [(s.context.partition("|")[2], s.from_us, s.to_us, s.text) for s in found.statements],
        [s.parsed for s in found.statements],
        [event[1:] for event in found.events],
        (found.unread, found.repeated, found.numbered, found.lost),
    )


@pytest.mark.parametrize("name", KINDS)
def test_a_log_in_an_envelope_says_what_it_said(name: str, tmp_path: Path) -> None:
    log = KINDS[name][:150]
    (plain,) = read(tmp_path / name, log)
    for form in enveloped.FORMS:
        (inner,) = read(tmp_path / form / name, enveloped.enveloped(form, log))
        assert (form, told(inner)) == (form, told(plain))


def test_a_line_that_is_longer_than_the_collectors(tmp_path: Path) -> None:
    log = KINDS["rails.log"][:100]
    (plain,) = read(tmp_path / "plain.log", log)
    head = "2026-11-26T07:15:31.000000001Z stdout "
    parts = [y for x in log for y in (f"{head}P {x[:120]}", f"{head}F {x[120:]}")]
    (inner,) = read(tmp_path / "cri.log", parts)
    assert told(inner) == told(plain)


def test_a_long_line_that_goes_on_in_the_next_file(tmp_path: Path) -> None:
    """Rotated between its parts; where the file in between is missing, it goes on in none."""
    log = [x for x in KINDS["rails.log"] if "SELECT" in x][:60]
    (plain,) = read(tmp_path / "plain.log", log)
    head = "2026-11-26T07:15:31.000000001Z stdout "
    parts = [y for x in log for y in (f"{head}P {x[:120]}", f"{head}F {x[120:]}")]
    for begins in (61, 64):
        folder = tmp_path / str(begins)
        later = [x.replace(":31.0", ":32.0", 1) for x in parts[begins:]]
        names = {"cri.log.1": parts[:61], "cri.log": later}
        paths = [logged.write(folder / name, lines) for name, lines in names.items()]
        (found,), told_of = scan.read(files.recognise(paths, files.readers()), ALWAYS, "UTC")
        is_whole = begins == 61
        assert (told(found) == told(plain)) == is_whole
        assert found.unread == (not is_whole)
        texts = [s.text for s in plain.statements]
        assert [s.text for s in found.statements] == (
            texts if is_whole else texts[:30] + texts[32:]
        )
        assert sum(int(str(each["lines"])) for each in told_of) == len(parts) - (begins - 61)


def test_a_long_line_of_which_the_rest_is_missing_is_not_understood(tmp_path: Path) -> None:
    log = [x for x in KINDS["rails.log"] if "SELECT" in x][:50]
    (plain,) = read(tmp_path / "plain.log", log[:-1])
    head = "2026-11-26T07:15:31.000000001Z stdout "
    parts = [f"{head}F {x}" for x in log[:-1]] + [f"{head}P {log[-1][:200]}"]
    (inner,) = read(tmp_path / "cri.log", parts)
    assert len(inner.statements) == len(plain.statements)
    assert (inner.unread, inner.garbled) == (plain.unread + 1, plain.garbled + 1)


def test_lines_of_the_journal_with_colours(tmp_path: Path) -> None:
    log = [x.replace("SELECT", "\x1b[34mSELECT\x1b[0m") for x in KINDS["rails.log"][:300]]
    (inner,) = read(tmp_path / "a.log", enveloped.enveloped("journald, JSON", log))
    (plain,) = read(tmp_path / "b.log", log)
    assert told(inner) == told(plain)


def test_a_record_of_an_operator_is_one_of_the_server(tmp_path: Path) -> None:
    log = logged.lines("sidekiq_race", "postgres.jsonl")[:300]
    (inner,) = read(tmp_path / "a.log", map(enveloped.record, log))
    (plain,) = read(tmp_path / "b.log", log)
    assert told(inner) == told(plain)


def test_lines_that_a_shipper_delivered_twice(tmp_path: Path) -> None:
    """Two lines of one millisecond may be alike; with the collector's stamp they are not."""
    log = enveloped.enveloped("docker's files", KINDS["postgres.log"][:600])
    again = [y for k, x in enumerate(log) for y in ([x, x] if k % 7 == 0 else [x])]
    (once,), (twice,) = read(tmp_path / "a.log", log), read(tmp_path / "b.log", again)
    assert twice.repeated == len(again) - len(log)
    assert [s.text for s in once.statements] == [s.text for s in twice.statements]


@pytest.mark.parametrize("is_bare", [False, True])
def test_programs_that_write_one_log(*, is_bare: bool, tmp_path: Path) -> None:
    """Rails and Sidekiq in one container, its database beside it; with times or without."""
    given: dict[str, Iterable[str]] = {
        "worker-1": logged.lines("sidekiq_lost", "rails.log"),
        "worker-2": logged.lines("sidekiq_lost", "sidekiq.log"),
        "db-1": [
            y
            for x in logged.lines("sidekiq_lost", "postgres.jsonl")
            for y in logged.plain_text(x).split("\n")
        ],
    }

    def form(name: str, at: str, line: str) -> str:
        text = enveloped.without_time(line) if is_bare else line
        return f"{name.partition('-')[0]}-1  | {at}001Z {text}"

    if is_bare:
        del given["db-1"]
    path = logged.write(tmp_path / "all.log", enveloped.merged(given, form))
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_lost"), [path])
    score = logged.score(result, "sidekiq_lost")
    assert (score.proved, score.false_proved) == (59, 0)


def test_times_of_a_collector_are_later_than_what_they_tell(tmp_path: Path) -> None:
    """Rails 8 leaves the time to it: what is between two stamps may have come in another order."""
    log = map(enveloped.without_time, logged.lines("sidekiq_race", "rails.log")[1:])
    stamps = [at for at, _ in enveloped.moments(logged.lines("sidekiq_race", "rails.log")[1:])]
    lines = [f"{at}001Z stdout F {x}" for at, x in zip(stamps, log, strict=True)]
    (found,) = read(tmp_path / "a.log", lines)
    (plain,) = read(tmp_path / "b.log", logged.lines("sidekiq_race", "rails.log"))
    late = {a.from_us - b.from_us for a, b in zip(plain.statements, found.statements, strict=True)}
    assert late == {scan.LATE_US}
    result = logged.run(
        logged.export(tmp_path / "export", "sidekiq_race"),
        [logged.write(tmp_path / "rails.log", lines)],
    )
    score = logged.score(result, "sidekiq_race")
    assert score.false_proved == 0
    assert 80 < score.proved < score.faults


def test_lines_without_any_time_are_refused(tmp_path: Path) -> None:
    log = map(enveloped.without_time, logged.lines("sidekiq_race", "rails.log")[1:])
    with pytest.raises(Fault, match="log has no times"):
        read(tmp_path / "rails.log", log)


def test_evidence_is_quoted_without_its_envelope(tmp_path: Path) -> None:
    log = enveloped.enveloped("Filebeat", KINDS["rails.log"])
    path = logged.write(tmp_path / "rails.log", log)
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race"), [path])
    assert result.logs is not None
    texts = Counter(each["text"][:3] for each in result.logs.kept)
    assert set(texts) == {"D, "}
    assert not [each for each in result.logs.kept if "auto" in each["text"]]


@pytest.mark.parametrize("key", ["jsonPayload", "attributes", "content"])
def test_an_object_within_a_collectors_tells_its_job(key: str, tmp_path: Path) -> None:
    """What a JSON logger wrote, as clouds keep it: with the time, or the collector's."""
    log = logged.lines("sidekiq_race", "rails.log")[1:150]
    (plain,) = read(tmp_path / "plain.log", log)
    told_of = []
    for number, line in enumerate(log):
        found = re.match(r"(\S+Z) [A-Z] (?:\[jid-(\w+)\] )?(.*)$", line)
        assert found is not None
        at, job, message = found.groups()
        inner = {"message": message, "level": "debug", "pid": 812, "jid": job or ""}
        told_of.append(json.dumps({"insertId": number, "timestamp": at, key: inner}))
    (found_there,) = read(tmp_path / "cloud.log", told_of)
    mine, theirs = (
        [(s.job, s.from_us, s.to_us, s.text, s.parsed) for s in each.statements]
        for each in (plain, found_there)
    )
    assert theirs == mine
    assert any(job for job, *_ in mine)
