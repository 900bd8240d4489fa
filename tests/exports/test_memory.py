"""Once an export is read, its connection can touch no file, no setting and no extension."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from settle_core import audit
from settle_core.errors import Fault
from settle_core.exports.arrays import whole_pass
from settle_core.exports.files import memory
from settle_core.exports.profiles import profile
from settle_core.exports.reading import once

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
RACE = SAMPLE.parent / "rails" / "sidekiq_race"
HELD = 64 * memory.MIB
REFUSED = (
    "FROM read_csv('{file}')",
    "FROM read_text('{file}')",
    "FROM '{file}'",
    "FROM glob('{folder}/*')",
    "COPY entry TO '{folder}/out.csv'",
    "COPY entry FROM '{file}'",
    "EXPORT DATABASE '{folder}/all'",
    "ATTACH '{folder}/other.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "CREATE SECRET (TYPE s3)",
    "FROM read_csv('https://example.invalid/x.csv')",
)


@pytest.fixture(scope="module")
def run() -> audit.Audit:
    return audit.run(SAMPLE)


@pytest.mark.parametrize("query", REFUSED)
def test_question_is_refused_what_is_not_a_table(
    query: str, run: audit.Audit, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(duckdb.Error):
        run.ledger.sql(query.format(file=tmp_path / "file", folder=tmp_path))
    with pytest.raises(duckdb.Error):
        run.sql(query.format(file=tmp_path / "file", folder=tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert len(run.ledger.sql("FROM entry")) == len(run.sql("FROM entry")) == 14


def test_closed_run_is_written_all_the_same(run: audit.Audit, tmp_path: Path) -> None:
    run.write(tmp_path / "run")
    assert (tmp_path / "run" / "findings.parquet").stat().st_size
    assert (tmp_path / "run" / "replay.parquet").stat().st_size


def test_memory_that_does_not_suffice_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(memory.MEMORY, "1MB")
    too_little = (
        r"^the memory does not suffice in --memory-limit: expected at least [\d,]+ MiB .*1MB"
    )
    with pytest.raises(Fault, match=too_little):
        audit.run(SAMPLE.parent / "rails" / "console", "rails")
    monkeypatch.setenv(memory.MEMORY, "lots")
    with pytest.raises(Fault, match=r"^no amount of memory in --memory-limit: "):
        audit.run(SAMPLE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "size"), [("4GiB", 2**32), ("512MB", 512_000_000), ("1.5 gib", 3 * 2**29)]
)
def test_size_is_read_by_its_unit(text: str, size: int) -> None:
    assert memory.demand_size(text) == size


def test_database_gets_what_python_leaves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(memory.MEMORY, "4GiB")
    with duckdb.connect() as con:
        memory.limit(con, tmp_path)
        before = memory.share(con)
        held = np.ones(HELD, np.uint8)
        assert before - memory.share(con) > HELD * 0.8
        del held
        # What the database holds is its own, and is not taken from it.
        con.execute("CREATE TABLE held AS SELECT RANGE AS id FROM RANGE(8000000)")
        assert abs(before - memory.share(con)) < HELD * 0.5
        assert before - memory.share(con, foreseen=2 * HELD) > HELD
        assert memory.share(con, foreseen=2**33) < 0
        ((left,),) = con.execute("SELECT CURRENT_SETTING('memory_limit')").fetchall()
        assert left == "48.0 MiB"


def test_pass_that_memory_has_no_room_for_is_left_to_the_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    read_by = profile.load("rails")
    assert once.read(RACE, read_by).passed
    expected = audit.run(RACE, "rails").findings
    monkeypatch.setattr(whole_pass, "CELL_BYTES", 2**40)
    assert once.read(RACE, read_by).passed is None
    assert audit.run(RACE, "rails").findings == expected
    monkeypatch.setattr(whole_pass, "CELL_BYTES", 1)
    monkeypatch.setattr(whole_pass, "LATE_SPARED", 0)
    monkeypatch.setattr(whole_pass, "LATE_BYTES", 2**40)
    assert once.read(RACE, read_by).passed is None
