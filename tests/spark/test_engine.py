"""On Spark an audit finds what it finds here, byte for byte, and each step's rows are the same."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import lakes
import pytest
import reductions

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.arrays.passed import Passed
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.files.opened import Opened, open_part
from settle_core.exports.files.source import Source
from settle_core.exports.profiles import profile
from settle_core.exports.reading import ledger, once
from settle_core.exports.reading.ledger import Ledger
from settle_core.simulation import simulate
from settle_core.spark import environment, portable, reading, session, tables
from settle_core.spark.engine import used
from settle_core.spark.reduction import Reduction
from settle_core.spark.session import Spark

DATA = Path(__file__).parents[2] / "data"
MASTER = "local[2]"
FILES = ("findings.csv", "findings.parquet", "corrections.csv", "replay.parquet", "summary.json")
VIEWS = (
    *("entry", "settlement", "pass_entry", "pass_settlement", "whole_entry", "whole_settlement"),
    *("id_step", "placed_entry", "week_state", "late_row", "passed_id"),
)
RESULTS = (
    *("pass_currency", "pass_bounds", "settlement_total", "entry_total", "id_total", "id_block"),
    *("id_gap", "settled_run", "state_total", "week_left", "unsettled_row", "timely_counter"),
    *("kept_late", "pass_job"),
)
# Spark has no number of one byte without a sign.
TYPES = {
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "decimal(18,2)": "DECIMAL(18,2)",
    "smallint": "UTINYINT",
    "string": "VARCHAR",
    "timestamp_ntz": "TIMESTAMP",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests, since it starts slowly."""
    try:
        session.demand_installed()
    except Fault as fault:
        pytest.skip(str(fault))
    with session.connected(MASTER) as engine:
        yield engine


def audited(export: Path, read_by: str, engine: str, into: Path, **given: str) -> audit.Audit:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(environment.ENGINE, engine)
        patch.setenv(environment.MASTER, MASTER if engine else "")
        run = audit.run(export, read_by, **given)
    run.write(into)
    return run


def same(export: Path, read_by: str, folder: Path, **given: str) -> str:
    """Hold an audit on Spark to the one here; what Spark did."""
    here = audited(export, read_by, "", folder / "here" / "run", **given)
    there = audited(export, read_by, "spark", folder / "there" / "run", **given)
    for name in (*FILES, "rejected.csv"):
        both = [(folder / each / "run" / name).read_bytes() for each in ("here", "there")]
        assert both[0] == both[1], name
    manifest = there.manifest()
    assert there.engine is not None
    assert manifest.pop("engine") == there.engine.as_dict()
    assert manifest == here.manifest()
    return there.engine.did


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("name", ["console", "sidekiq_cached", "sidekiq_race", "sidekiq_retry"])
def test_a_recorded_export_gives_the_same_on_spark(name: str, tmp_path: Path) -> None:
    lakes.from_csv(DATA / "rails" / name, tmp_path / "parquet")
    assert same(tmp_path / "parquet", "rails", tmp_path) == "pass"


@pytest.mark.usefixtures("spark")
def test_a_simulated_export_gives_the_same_on_spark(tmp_path: Path) -> None:
    simulate.simulate(
        tmp_path / "export",
        faults={"stale_read": 5, "race": 4, "lost_job": 3},
        seed=3,
        accounts=20,
        weeks=6,
        formats="parquet",
    )
    assert same(tmp_path / "export", "canonical", tmp_path) == "pass"


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("name", lakes.PLAIN)
def test_a_plain_lake_gives_the_same_on_spark(name: str, tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.PLAIN[name], tmp_path)
    assert same(export, str(read_by), tmp_path) == "pass"


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("by", ["kind account_id", "effective_date"])
def test_a_partitioned_lake_gives_the_same_on_spark(by: str, tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.PLAIN["changed, with gaps"], tmp_path)
    lake = lakes.partitioned(export, by, tmp_path / "a lake of kind=entry")
    for path in (lake / "entries").glob("kind=counter"):
        path.rename(path.with_name("kind=entry no more"))
    assert same(lake, str(read_by), tmp_path) == "pass"


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("name", lakes.OTHER)
def test_a_lake_that_is_not_plain_gives_the_same_and_the_run_says_why(
    name: str, tmp_path: Path
) -> None:
    export, read_by = lakes.write(lakes.OTHER[name], tmp_path)
    assert same(export, str(read_by), tmp_path).startswith("none: ")


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("given", [{"weeks": "2026-01-12:"}, {"as_of": "2026-01-25T12:00Z"}])
def test_limits_give_the_same_on_spark(given: dict[str, str], tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.PLAIN["changed, with gaps"], tmp_path)
    assert same(export, str(read_by), tmp_path, **given) == "pass"


@pytest.mark.parametrize("name", ["changed, with gaps", "a night in autumn", "answers"])
def test_each_file_gives_the_same_schema_and_rows(name: str, spark: Spark, tmp_path: Path) -> None:
    export, read_by = lakes.write(lakes.PLAIN[name], tmp_path)
    limits = Limits(as_of=datetime(2026, 10, 25, 1, 30))  # noqa: DTZ001  UTC, as in the tables
    seen = 0

    def passing(found: Ledger, entries: Opened, settlements: Source) -> Passed:
        nonlocal seen
        engine, reduced = reductions.reduced(found, entries, settlements, limits)
        given = typed_in(spark, found, entries, settlements, limits)
        for view in VIEWS:
            there = spark.session.table(view)
            here = engine.con.table(f"reduction.{view}")
            assert told_spark(there) == told_here(here), view
            seen += len(here)
        engine.con.execute("SET search_path = 'reduction,main'")
        for result in RESULTS:
            statement = portable.text(result)
            bound = used(statement, given)
            here = engine.con.sql(statement, params=bound or None)
            there = spark._rows(statement, given)  # noqa: SLF001  its schema is looked at
            assert told_spark(there) == told_here(here), result
        engine.con.execute("SET search_path = 'main'")
        return reduced

    once.unstored(export, profile.load(str(read_by)), passing)
    assert seen > 500


def typed_in(
    spark: Spark, found: Ledger, entries: Opened, settlements: Source, limits: Limits
) -> dict[str, object]:
    """Reduce on Spark, and leave its views there; what the statements take."""
    con, read_by = found.con, found.profile
    opened = open_part(con, settlements.parts[0], read_by.settlements.csv, found.scratch)
    for table, part in (("entry", entries), ("settlement", opened)):
        each = tables.laid(part, read_by, table, ledger.currency(con, read_by))
        tables.type_in(spark, each, tables.offsets(con, each))
    reduction = Reduction(spark, limits, found.scale, read_by.week_offset_days)
    reduction.run()
    return reduction.given


def told_spark(rows: Any) -> tuple[dict[str, str], list[Any]]:  # noqa: ANN401  an extra's own
    schema = {field.name: TYPES[field.dataType.simpleString()] for field in rows.schema.fields}
    return schema, sorted((tuple(row) for row in rows.collect()), key=repr)


def told_here(rows: Any) -> tuple[dict[str, str], list[Any]]:  # noqa: ANN401  a relation
    schema = dict(zip(rows.columns, map(str, rows.types), strict=True))
    return schema, sorted(rows.fetchall(), key=repr)


def test_a_session_that_is_there_is_neither_used_nor_stopped(
    spark: Spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql import SparkSession  # noqa: PLC0415  an extra

    theirs = spark.session
    theirs.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    theirs.range(3).createOrReplaceTempView("entry")
    try:
        monkeypatch.setenv(environment.ENGINE, "spark")
        with reading.cluster() as cluster:
            assert cluster is not None
            assert cluster.engine.master == MASTER
            ours = cluster.spark.session
            assert ours.conf.get("spark.sql.session.timeZone") == "UTC"
            assert not ours.catalog.tableExists("entry")
            ours.range(1).createOrReplaceTempView("entry")
        assert theirs.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
        assert theirs.table("entry").count() == 3
        assert SparkSession.getActiveSession().conf.get("spark.sql.session.timeZone") != "UTC"
        with (
            pytest.raises(Fault, match=r"^this process is connected to another Spark in"),
            session.connected("local[7]"),
        ):
            pass
    finally:
        theirs.conf.set("spark.sql.session.timeZone", "UTC")
        theirs.catalog.dropTempView("entry")


def test_settlements_are_not_sent_to_all_workers_for_their_small_file(
    spark: Spark, tmp_path: Path
) -> None:
    path = tmp_path / "settlements.parquet"
    made = duckdb.connect().table_function("range", [300_000])
    made.project("range AS k, range // 9 AS v").write_parquet(str(path))
    assert path.stat().st_size < 10 * 2**20  # below which Spark does so by default
    spark.session.read.parquet(str(path)).createOrReplaceTempView("small_file")
    rows = spark.session.sql(
        "SELECT a.k, b.v FROM small_file AS a LEFT JOIN small_file AS b USING (k)"
    )
    plan = rows._jdf.queryExecution().toString()  # noqa: SLF001  there is no public way
    assert "Join" in plan
    assert "Broadcast" not in plan
    rows.collect()
    plan = rows._jdf.queryExecution().toString()  # noqa: SLF001  the plan as it was changed meanwhile
    assert "isFinalPlan=true" in plan
    assert "Broadcast" not in plan
