"""A table as a folder of Parquet, partitioned as Hive does it: no folder's name is read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import lakes
import pytest

from settle_core.audit import audit
from settle_core.errors import Fault

Spoil = Callable[[Path], object]


def told(export: Path, profile: Path) -> object:
    run = audit.run(str(export), str(profile))
    entries = run.inputs[0]
    return run.findings, run.corrections, entries.rows_accepted, entries.totals


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return lakes.write(lakes.Lake("*, 'EUR' AS currency"), tmp_path_factory.mktemp("lake"))


@pytest.mark.parametrize("by", ["effective_date", "kind account_id"])
def test_a_partitioned_table_is_read_as_one(
    by: str, lake: tuple[Path, Path], tmp_path: Path
) -> None:
    export, profile = lake
    found = told(lakes.partitioned(export, by, tmp_path / "lake"), profile)
    expected = told(export, profile)
    assert found == expected


def test_what_a_folder_is_called_changes_no_row(lake: tuple[Path, Path], tmp_path: Path) -> None:
    export, profile = lake
    lied = lakes.partitioned(export, "kind", tmp_path / "lake") / "entries"
    for kind in ("entry", "counter", "correction"):
        if (lied / f"kind={kind}").is_dir():
            (lied / f"kind={kind}").rename(lied / f"kind={kind}x")
    (lied / "kind=entryx").rename(lied / "kind=counter")
    (lied / "kind=counterx").rename(lied / "kind=entry")
    assert told(tmp_path / "lake", profile) == told(export, profile)


def test_an_export_within_such_a_folder_is_read_as_elsewhere(
    lake: tuple[Path, Path], tmp_path: Path
) -> None:
    export, profile = lake
    within = tmp_path / "kind=counter" / "amount=0"
    within.parent.mkdir()
    shutil.copytree(export, within)
    assert told(within, profile) == told(export, profile)


@pytest.mark.parametrize("by", ["kind", "effective_date", "currency", "job_id"])
def test_a_column_that_only_folders_are_called_by_is_refused(
    by: str, lake: tuple[Path, Path], tmp_path: Path
) -> None:
    export, profile = lake
    lakes.partitioned(export, by, tmp_path / "lake", is_kept=False)
    with pytest.raises(Fault, match=f"'{by}' stands in the names of folders only"):
        audit.run(str(tmp_path / "lake"), str(profile))


def other(path: Path, column: str) -> None:
    with duckdb.connect() as con:
        rows = con.sql("SELECT 1 AS entry_id, DATE '2026-01-05' AS x").select(column)
        path.parent.mkdir(exist_ok=True)
        rows.write_parquet(str(path))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda at: (at / "_delta_log").mkdir(), "a Delta table"),
        (lambda at: (at / "kind=entry/_temporary").mkdir(), "not finished"),
        (lambda at: other(at / "2026/a.parquet", "*"), "would not be read"),
        (lambda at: other(at / "kind=entry/z.parquet", "entry_id"), "have other columns"),
    ],
)
def test_what_would_be_left_out_is_refused(
    spoil: Spoil, said: str, lake: tuple[Path, Path], tmp_path: Path
) -> None:
    export, profile = lake
    spoil(lakes.partitioned(export, "kind", tmp_path / "lake") / "entries")
    with pytest.raises(Fault, match=said):
        audit.run(str(tmp_path / "lake"), str(profile))


@pytest.mark.parametrize(
    "amount", ["CAST(amount AS DOUBLE)", "CAST(amount AS DECIMAL(18, 3)) + 0.001"]
)
def test_files_that_hold_amounts_otherwise_are_refused(
    amount: str, lake: tuple[Path, Path], tmp_path: Path
) -> None:
    export, profile = lake
    entries = lakes.partitioned(export, "kind", tmp_path / "lake") / "entries"
    (changed,) = (entries / "kind=entry").glob("*.parquet")
    with duckdb.connect() as con:
        rows = con.read_parquet(str(changed), hive_partitioning=False)
        rows.select(f"* REPLACE ({amount} AS amount)").write_parquet(
            str(changed.with_name("y.parquet"))
        )
    changed.unlink()
    with pytest.raises(Fault, match="have other columns"):
        audit.run(str(tmp_path / "lake"), str(profile))


def test_a_column_without_a_value_is_of_any_type(lake: tuple[Path, Path], tmp_path: Path) -> None:
    export, profile = lake
    entries = lakes.partitioned(export, "kind", tmp_path / "lake") / "entries"
    (changed,) = (entries / "kind=entry").glob("*.parquet")
    with duckdb.connect() as con:
        rows = con.read_parquet(str(changed), hive_partitioning=False)
        none = rows.select("* REPLACE (CAST(NULL AS INTEGER) AS job_id)")
        none.write_parquet(str(changed.with_name("y.parquet")))
    changed.unlink()
    assert audit.run(str(tmp_path / "lake"), str(profile)).inputs[0].rows_rejected == 0
