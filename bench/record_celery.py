"""Record a run of Celery workers with SQLAlchemy against a database: export and logs.

    python bench/record_celery.py URL OUT MODE

It needs celery and sqlalchemy with a driver, which this project does not: run it in an environment
of its own. MODE is what the workers do with the sum of a day:

    cached   each process keeps it for two seconds, whatever was written since
    race     it is read, then the counter-entry is written, without a lock
    locked   the settlement is locked before it is read: the healthy way on READ COMMITTED
    pinned   it is read once before the lock, which pins the snapshot under REPEATABLE READ
    retry    no sum: each task answers one late entry; some fail after their commit and are retried

OUT gets `entries.csv`, `settlements.csv` (profile `canonical`) and `worker.log`.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from celery import Celery
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

URL, OUT, MODE = (os.environ.get(f"RECORD_{n}", "") for n in ("URL", "OUT", "MODE"))
if len(sys.argv) == 4 and not URL:  # noqa: PLR2004  as called by hand
    URL, OUT, MODE = sys.argv[1:]
BROKER = os.environ.setdefault("RECORD_BROKER", tempfile.mkdtemp())
ACCOUNTS, WEEKS, KEPT_SECONDS = 8, 3, 2.0
MONDAY = date(2026, 9, 7)

app = Celery("ledger", broker="filesystem://", backend="cache+memory://")
app.conf.broker_transport_options = {
    "data_folder_in": BROKER,
    "data_folder_out": BROKER,
    "control_folder": BROKER,  # else a folder `control` where the command is given
    "polling_interval": 0.01,
}
app.conf.worker_prefetch_multiplier = 1
app.conf.task_ignore_result = True
engine = create_engine(URL, echo=os.environ.get("RECORD_ECHO") == "1")
Where = tuple[int, date]
kept: dict[Where, tuple[float, Decimal]] = {}

SUM = text("SELECT SUM(amount) FROM entries WHERE account_id = :account AND effective_date = :day")
SETTLED = text(
    "SELECT SUM(amount) FROM entries WHERE account_id = :account AND effective_date = :day"
    " AND recorded_at <= :until"
)
LOCK = text(
    "SELECT settled_at FROM settlements WHERE account_id = :account AND week_start = :week"
    " FOR UPDATE"
)
UNTIL = text(
    "SELECT settled_at FROM settlements WHERE account_id = :account AND week_start = :week"
)
LOAD = text("SELECT account_id, effective_date, amount FROM entries WHERE entry_id = :entry")
INSERT = text(
    "INSERT INTO entries (account_id, effective_date, amount, kind, job_id, recorded_at)"
    " VALUES (:account, :day, :amount, :kind, :job, :at)"
)


def write(con: Connection, where: Where, amount: Decimal, kind: str, job: str | None) -> None:
    """Write an entry of an account's day."""
    account, day = where
    at = datetime.now(UTC).replace(tzinfo=None)
    row = {"account": account, "day": day, "amount": amount, "kind": kind, "job": job, "at": at}
    con.execute(INSERT, row)


@app.task(bind=True, name="ledger.check", max_retries=3)
def check(self, account: int, on: str) -> None:  # noqa: ANN001
    """Counter what a day is off by."""
    day = date.fromisoformat(on)
    where = {"account": account, "week": day - timedelta(day.weekday()), "day": day}
    with engine.begin() as con:
        if MODE == "pinned":
            con.execute(SUM, where)
        lock = LOCK if MODE in {"locked", "cached", "pinned"} else UNTIL
        until = con.execute(lock, where).scalar_one()
        settled = con.execute(SETTLED, where | {"until": until}).scalar() or Decimal(0)
        since, total = kept.get((account, day), (0.0, Decimal(0)))
        if MODE != "cached" or time.monotonic() - since > KEPT_SECONDS:
            total = con.execute(SUM, where).scalar() or Decimal(0)
            kept[account, day] = time.monotonic(), total
        time.sleep(random.uniform(0, 0.05))  # noqa: S311
        if total != settled:
            write(con, (account, day), settled - total, "counter", self.request.id)


@app.task(bind=True, name="ledger.answer", max_retries=3, default_retry_delay=1)
def answer(self, entry: int, *, fails: bool) -> None:  # noqa: ANN001
    """Answer one late entry."""
    with engine.begin() as con:
        account, day, amount = con.execute(LOAD, {"entry": entry}).one()
        write(con, (account, day), -amount, "counter", self.request.id)
    if fails and self.request.retries == 0:
        raise self.retry(exc=RuntimeError("downstream timeout"), countdown=1)


def tables(con: Connection) -> None:
    """Make empty tables."""
    is_mysql = engine.dialect.name == "mysql"
    key = "BIGINT AUTO_INCREMENT PRIMARY KEY" if is_mysql else "BIGSERIAL PRIMARY KEY"
    stamp = "DATETIME(6)" if is_mysql else "TIMESTAMP"
    con.execute(text("DROP TABLE IF EXISTS entries"))
    con.execute(text("DROP TABLE IF EXISTS settlements"))
    con.execute(
        text(
            f"CREATE TABLE entries (entry_id {key}, account_id INT, effective_date DATE,"
            f" amount DECIMAL(12,2), kind VARCHAR(10), job_id VARCHAR(40), recorded_at {stamp})"
        )
    )
    con.execute(
        text(
            "CREATE TABLE settlements (account_id INT, week_start DATE,"
            f" settled_amount DECIMAL(12,2), settled_at {stamp},"
            " PRIMARY KEY (account_id, week_start))"
        )
    )


def seed(con: Connection) -> None:
    """Some settled weeks."""
    for account in range(1, ACCOUNTS + 1):
        for k in range(WEEKS):
            week = MONDAY + timedelta(7 * k)
            total = Decimal(0)
            for n in range(7):
                day = week + timedelta(n)
                amount = Decimal(random.randint(1000, 90000)) / 100  # noqa: S311
                at = datetime(day.year, day.month, day.day, 9, account)  # noqa: DTZ001
                con.execute(
                    INSERT,
                    {
                        "account": account,
                        "day": day,
                        "amount": amount,
                        "kind": "entry",
                        "job": None,
                        "at": at,
                    },
                )
                total += amount
            at = datetime.combine(week + timedelta(7), datetime.min.time()).replace(hour=3)
            con.execute(
                text("INSERT INTO settlements VALUES (:account, :week, :amount, :at)"),
                {"account": account, "week": week, "amount": total, "at": at},
            )


def drive() -> None:
    """Late entries and their tasks, then wait until the workers are idle."""
    for _ in range(60):
        account = random.randint(1, ACCOUNTS)  # noqa: S311
        day = MONDAY + timedelta(random.randrange(7 * WEEKS))  # noqa: S311
        for _ in range(random.choice((1, 2, 3))):  # noqa: S311
            amount = Decimal(random.randint(-20000, 30000)) / 100  # noqa: S311
            with engine.begin() as con:
                write(con, (account, day), amount, "entry", None)
                last = con.execute(text("SELECT MAX(entry_id) FROM entries")).scalar_one()
            if MODE == "retry":
                answer.delay(last, fails=random.random() < 0.2)  # noqa: S311, PLR2004
            else:
                check.delay(account, day.isoformat())
        time.sleep(0.08)
    deadline = time.monotonic() + 20
    while any(Path(BROKER).iterdir()) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(4)


def export(out: Path) -> None:
    """Write the tables as an export."""
    with engine.connect() as con:
        for name in ("entries", "settlements"):
            rows = con.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))  # noqa: S608
            with (out / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(rows.keys())
                for row in rows:
                    writer.writerow(
                        [
                            f"{v.isoformat(timespec='microseconds')}Z"
                            if isinstance(v, datetime)
                            else v
                            for v in row
                        ]
                    )


def main() -> None:
    """Record a run."""
    random.seed(7)
    out = Path(OUT)
    out.mkdir(parents=True, exist_ok=True)
    with engine.begin() as con:
        tables(con)
        seed(con)
    own = {"RECORD_URL": URL, "RECORD_OUT": OUT, "RECORD_MODE": MODE}
    own |= {"RECORD_ECHO": "1", "TZ": "UTC"}
    folder = Path(__file__).parent
    with (out / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "record_celery",
                "worker",
                "-c",
                "3",
                "--loglevel",
                "INFO",
                "--without-gossip",
                "--without-mingle",
            ],
            cwd=folder,
            env=os.environ | own,
            stdout=log,
            stderr=log,
        )
        time.sleep(4)
        drive()
        worker.terminate()
        worker.wait()
    export(out)


if __name__ == "__main__":
    main()
