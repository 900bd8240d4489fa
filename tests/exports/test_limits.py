"""Once an export is read, its connection can touch no file, no setting and no extension."""

from pathlib import Path

import duckdb
import pytest

from settle_core import audit
from settle_core.errors import Fault
from settle_core.exports import limits

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
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
    monkeypatch.setenv(limits.MEMORY, "1MB")
    with pytest.raises(Fault, match=r"^the memory does not suffice: .*--memory-limit"):
        audit.run(SAMPLE.parent / "rails" / "console", "rails")
    monkeypatch.setenv(limits.MEMORY, "lots")
    with pytest.raises(Fault, match=r"^no amount of memory in --memory-limit: "):
        audit.run(SAMPLE)
    assert list(tmp_path.iterdir()) == []
