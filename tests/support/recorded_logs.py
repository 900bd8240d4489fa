"""Recorded runs with their logs: put together as an export, made worse on purpose, and scored."""

import csv
import gzip
import io
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from recorded import CAUSES

from settle_core import audit
from settle_core.audit.audit import Audit

LOGGED: Final = Path(__file__).parents[2] / "data" / "logged"
SCENARIOS: Final = tuple(sorted(p.parent.name for p in LOGGED.glob("*/late.csv.gz")))
BROKEN: Final = (
    "sidekiq_cached",
    "sidekiq_cached_interleaved",
    "sidekiq_lost",
    "sidekiq_race",
    "sidekiq_retry",
)
APP: Final = ("rails.log", "sidekiq.log")
SERVER: Final = ("postgres.jsonl",)
Lines = list[str]
Record = dict[str, str]


class Score(NamedTuple):
    """What an audit with logs said of the faults of a recorded run."""

    faults: int
    right: int
    proved: int
    false_proved: int
    false_causes: int
    missed: int


def lines(scenario: str, name: str) -> Lines:
    """The lines of a log; none where the run has no such log."""
    path = LOGGED / scenario / f"{name}.gz"
    return gzip.decompress(path.read_bytes()).decode().splitlines() if path.is_file() else []


def truth(scenario: str) -> dict[str, Any]:
    """The truth of a run."""
    told: dict[str, Any] = json.loads((LOGGED / scenario / "truth.json").read_text("utf-8"))
    return told


def plain(row: Record) -> Record:
    """A row without job id and commit time, and with a clock of whole seconds."""
    at = row["created_at"][:19] + "Z"
    return row | {"job_id": "", "xmin": "", "committed_at": "", "created_at": at}


def bare(row: Record) -> Record:
    """A row of which, beside what was written, only the time of its commit is told."""
    return plain(row) | {"committed_at": row["committed_at"]}


def export(folder: Path, scenario: str, change: Callable[[Record], Record] | None = None) -> Path:
    """Write a run's ledger and settlements; `change` is made to each row."""
    folder.mkdir(parents=True, exist_ok=True)
    records: list[Record] = []
    for path in (LOGGED / "seed.csv.gz", LOGGED / scenario / "late.csv.gz"):
        records += csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode()))
    with (folder / "ledgers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, records[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(r) if change else r for r in records)
    settlements = gzip.decompress((LOGGED / "settlements.csv.gz").read_bytes())
    (folder / "settlements.csv").write_bytes(settlements)
    return folder


def write(path: Path, log: Iterable[str]) -> str:
    """Write a log, and name it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in log), "utf-8")
    return str(path)


def given(folder: Path, scenario: str, names: Sequence[str]) -> list[str]:
    """The logs of a run as files, as they were recorded."""
    return [write(folder / name, log) for name in names if (log := lines(scenario, name))]


def run(folder: Path, logs: Sequence[str]) -> Audit:
    """Audit an export with logs."""
    return audit.run(folder, "rails", log="\n".join(logs))


def score(result: Audit, scenario: str) -> Score:
    """Compare the causes of an audit with the truth."""
    told = truth(scenario)
    wrong = Counter((str(w["user_id"]), w["date"], w["amount"]) for w in told["wrong_counters"])
    causes = {
        (str(w["user_id"]), w["date"], w["amount"]): CAUSES[w["cause"]]
        for w in told["wrong_counters"]
    }
    lost = {str(u["entry_id"]) for u in told["uncountered_entries"]}
    missing = {(str(m["user_id"]), m["date"]) for m in told["missing_counters"]}
    right = proved = false_proved = false_causes = 0
    for each in result.findings:
        if each.rule == "uncountered_entry":
            is_raced = (each.account_id, str(each.effective_date)) in missing
            true = "lost_job" if each.entry_id in lost else "race" if is_raced else ""
        elif each.rule in {"duplicate_counter", "wrong_counter", "orphan_counter"}:
            key = (each.account_id, str(each.effective_date), str(each.amount))
            true = causes.get(key, "") if wrong[key] > 0 else ""
            wrong[key] -= 1
        else:
            continue
        is_right = each.cause == true
        right += is_right
        proved += is_right and each.evidence == "proved"
        false_proved += not is_right and each.evidence == "proved"
        false_causes += not is_right and each.evidence != "undetermined"
    faults = len(told["wrong_counters"]) + len(lost) + len(missing)
    missed = sum(count for count in wrong.values() if count > 0)
    return Score(faults, right, proved, false_proved, false_causes, missed)


def without(log: Lines, share: float, seed: int) -> Lines:
    """A log that has lost some of its lines."""
    chance = random.Random(seed)  # noqa: S311  a test's own chance
    return [line for line in log if chance.random() >= share]


def untagged(log: Lines, share: float, seed: int) -> Lines:
    """A log of which some lines have lost their tag."""
    chance = random.Random(seed)  # noqa: S311
    return [re.sub(r"\[jid-\w+\] ", "", line) if chance.random() < share else line for line in log]


def shuffled(log: Lines, apart: int, seed: int) -> Lines:
    """A log whose lines come late by some places, as from several shippers."""
    chance = random.Random(seed)  # noqa: S311
    return [line for _, line in sorted((k + apart * chance.random(), x) for k, x in enumerate(log))]


def repeated(log: Lines, share: float, seed: int) -> Lines:
    """A log of which some lines are delivered a second time, a little later."""
    chance = random.Random(seed)  # noqa: S311
    again = [
        (k + 30 * chance.random(), line) for k, line in enumerate(log) if chance.random() < share
    ]
    return [line for _, line in sorted([*enumerate(log), *again])]


def of_seconds(line: str) -> str:
    """A line whose stamp has whole seconds."""
    return re.sub(r"^(.{0,40}?\d\d:\d\d:\d\d)\.\d+", r"\1", line, count=1)


def over_lines(line: str) -> str:
    """A line whose statement goes on over lines without a head."""
    return re.sub(r" (FROM|WHERE|VALUES|AND) ", r"\n  \1 ", line)


def unzoned(line: str, hours: int) -> str:
    """A line with the time of another zone, and no word of it."""
    return re.sub(r"^(\S+)Z", r"\1", later(line, 3600 * hours))


def as_json(line: str) -> str:
    """A line as a JSON logger writes it, with names of its own."""
    found = re.match(r"(\S+)Z ([A-Z]) (?:\[jid-(\w+)\] )?(.*)$", line)
    if found is None:
        return line
    at, level, job, text = found.groups()
    return json.dumps({"lvl": level, "text": text, "worker_job_id": job, "when": f"{at}Z"})


def plain_text(line: str) -> str:
    """A record of PostgreSQL's jsonlog as its stderr has it, with `%m [%p] `."""
    told = json.loads(line)
    head = f"{told['timestamp']} [{told['pid']}] "
    text = f"{head}{told['error_severity']}:  {told['message']}"
    return text + (f"\n{head}DETAIL:  {told['detail']}" if "detail" in told else "")


def numbered(told: Record) -> str:
    """A record of PostgreSQL's log as its stderr has it, with `%m [%p] [%c] [%l] `."""
    head = f"{told['timestamp']} [{told['pid']}] [{told['session_id']}] [{told['line_num']}] "
    text = f"{head}{told['error_severity']}:  {told['message']}"
    return text + (f"\n{head}DETAIL:  {told['detail']}" if "detail" in told else "")


def thirds(log: Lines) -> list[Lines]:
    """A log as three files, oldest first."""
    size = len(log) // 3
    return [log[:size], log[size : 2 * size], log[2 * size :]]


def later(line: str, seconds: float) -> str:
    """A line of a host whose clock is ahead."""
    found = re.match(r"(\d{4}-\d\d-\d\dT[\d:.]+)Z", line)
    if found is None:
        return line
    moment = datetime.fromisoformat(found[1]) + timedelta(seconds=seconds)
    return f"{moment.isoformat(timespec='microseconds')}Z{line[found.end() :]}"


def until(log: Lines, end: str) -> Lines:
    """A log as it was at some instant, UTC."""
    stamp = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*")
    stamps = [(stamp.search(line[:60]), line) for line in log]
    return [line for at, line in stamps if at and at.group().replace(" ", "T") < end]


def of_host(line: str) -> int:
    """Which of two hosts a line is taken to be of: by its job."""
    found = re.search(r"jid-\w*?([0-9a-f])\]", line)
    return int(found[1], 16) % 2 if found else 0


def in_default_format(line: str) -> str:
    """A line as Ruby's own formatter writes it, by one process."""
    found = re.match(r"(\d{4}-\d\d-\d\dT[\d:.]+)Z ([A-Z]) (.*)$", line)
    if found is None:
        return line
    at, letter, message = found.groups()
    return f"{letter}, [{at} #2532] {'DEBUG' if letter == 'D' else 'INFO'} -- : {message}"
