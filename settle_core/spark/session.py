"""A session on a Spark cluster, and the engine that a reduction runs on there."""

import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from settle_core.errors import Fault
from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Batch
from settle_core.exports.files import memory
from settle_core.spark import portable
from settle_core.spark.engine import Given, used

PACKAGES: Final = ("pyspark", "pyarrow", "sqlglot")
LOCAL: Final = "local[*]"
STDERR: Final = 2
HEAP: Final = "SPARK_DRIVER_MEMORY"  # Spark's own, which its settings in files go before
HEAP_SHARE: Final = 4  # of what the audit may take, where all of it is done in one process
HEAP_MIN_MIB: Final = 1024  # as Spark has it
INSTALL: Final = 'pip install "settle-core[spark]"'
# What the files of the reduction rely on.
SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    # By the size of its files in Parquet, a few bytes a row, Spark sends tables to all workers that
    # as a hash table have no room in a driver's memory: a million entries failed. Those of time
    # zones are smaller than this.
    "spark.sql.autoBroadcastJoinThreshold": "64KB",
}
# Said where a session is begun: it shows nothing but faults, and on one machine listens to it only.
QUIET: Final = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "OFF"}
PARTITIONS: Final = "spark.sql.shuffle.partitions"
ALONE: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    PARTITIONS: "16",
}


def demand_installed() -> None:
    """Raise Fault without what Spark needs on this machine."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if absent:
        raise Fault(
            "Spark is not installed here",
            where="--engine spark",
            expected=", ".join(PACKAGES),
            found=f"no {', no '.join(absent)}",
            todo=f"{INSTALL}, or leave --engine out",
        )
    if java() is None:
        raise Fault(
            "there is no Java, which Spark runs on",
            where="--engine spark",
            expected="a Java 17 or newer, by JAVA_HOME or as java on the path",
            found=os.environ.get("JAVA_HOME", "") or "none",
            todo="install one, or leave --engine out",
        )


def java() -> str | None:
    """The Java that Spark would start; None if there is none."""
    home = os.environ.get("JAVA_HOME", "")
    return shutil.which(str(Path(home) / "bin" / "java") if home else "java")


@contextmanager
def connected(master: str) -> Iterator["Spark"]:
    """A session on a cluster; it ends with the block.

    Where this process is connected already, as a notebook of Spark's users is, it is a session of
    our own on the same cluster, and theirs stays as it was.

    Args:
        master: as Spark calls it, `spark://host:7077`, `yarn` or `local[4]`; empty: the one that
            is connected already, else all of this machine.

    Raises:
        Fault: Spark is not installed, or does not start, or another one is connected.
    """
    demand_installed()
    from pyspark import SparkContext  # noqa: PLC0415  an extra, and slow to import
    from pyspark.sql import SparkSession  # noqa: PLC0415  likewise

    theirs: Any = None
    # Spark has no public way to ask whether it is there.
    if SparkContext._active_spark_context is not None:  # noqa: SLF001
        theirs = SparkSession.builder.getOrCreate()
        session = _beside(theirs, master)
    else:
        session = _begun(master or LOCAL)
    logging.getLogger("DataFrameQueryContextLogger").setLevel(logging.CRITICAL)
    engine = Spark(session)
    try:
        with warnings.catch_warnings():
            # It does not know pandas 3, of which nothing is used here.
            warnings.simplefilter("ignore")
            yield engine
    finally:
        if theirs is None:
            session.stop()
        else:
            engine.forget()
            theirs.createDataFrame([], "none INT")  # makes it the active one again


def _begun(master: str) -> Any:  # noqa: ANN401  an extra's own
    """A session on a cluster that this process was not connected to."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  an extra

    settings = SETTINGS | QUIET | (ALONE if master.startswith("local") else {})
    builder = SparkSession.builder.appName("settle audit").master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    with _heap(is_alone=master.startswith("local")), aside() as told:
        try:
            return builder.getOrCreate()
        except Exception as error:
            raise Fault(
                "Spark did not start",
                where="--spark-master",
                expected="a master that answers, as local[4] or spark://host:7077",
                found=f"{master}: {told() or said(error)}",
                todo="look at the cluster, or leave --engine out",
            ) from error


@contextmanager
def _heap(*, is_alone: bool) -> Iterator[None]:
    """Give Java a share of the memory where it does all the work, unless its user says how much."""
    if not is_alone or HEAP in os.environ:
        yield
        return
    mib = max(memory.allowed() // HEAP_SHARE // memory.MIB, HEAP_MIN_MIB)
    os.environ[HEAP] = f"{mib}m"
    try:
        yield
    finally:
        del os.environ[HEAP]


def _beside(theirs: Any, master: str) -> Any:  # noqa: ANN401  likewise
    """A session of our own beside one that is connected already, on the same cluster."""
    found = theirs.sparkContext.master
    if master not in {"", found}:
        raise Fault(
            "this process is connected to another Spark",
            where="--spark-master",
            expected=master,
            found=found,
            todo="leave --spark-master out, or stop the session that is there",
        )
    session = theirs.newSession()
    few = {name: ALONE[name] for name in (PARTITIONS,) if found.startswith("local")}
    for name, value in (SETTINGS | few).items():
        session.conf.set(name, value)
    return session


@contextmanager
def aside() -> Iterator[Callable[[], str]]:
    """Keep what is written to stderr, by this process and by those that it starts, to itself.

    Java says a dozen lines whenever it starts. The function that is given returns the last line.
    """
    sys.stderr.flush()
    kept = os.dup(STDERR)
    with tempfile.TemporaryFile() as file:

        def told() -> str:
            file.seek(0)
            lines = file.read().decode(errors="replace").splitlines()
            return next((line.strip() for line in reversed(lines) if line.strip()), "")

        try:
            os.dup2(file.fileno(), STDERR)
            yield told
        finally:
            sys.stderr.flush()
            os.dup2(kept, STDERR)
            os.close(kept)


def said(error: Exception) -> str:
    """The first line of what Spark says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


class Spark:
    """A session, as an Engine."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  an extra's own
        self.session = session
        self.scale = 2
        self._kept: list[Any] = []

    @property
    def version(self) -> str:
        """Of Spark."""
        return str(self.session.version)

    @property
    def master(self) -> str:
        """Of its cluster."""
        return str(self.session.sparkContext.master)

    def view(self, name: str, statement: str, given: Given, *, is_kept: bool = False) -> None:
        """As an Engine."""
        rows = self._rows(statement, given)
        if is_kept:
            rows = rows.persist()
            self._kept.append(rows)
        rows.createOrReplaceTempView(name)

    def batches(self, statement: str, given: Given) -> Iterator[Batch]:
        """As an Engine."""
        return arrow.batches(self._rows(statement, given).toArrow())

    def forget(self) -> None:
        """Let go of what was kept."""
        for rows in self._kept:
            rows.unpersist()
        self._kept.clear()

    def _rows(self, statement: str, given: Given) -> Any:  # noqa: ANN401  likewise
        text = portable.for_spark(statement, self.scale)
        bound = {name: self._bound(value) for name, value in used(statement, given).items()}
        return self.session.sql(text, args=bound)

    @staticmethod
    def _bound(value: object) -> Any:  # noqa: ANN401  likewise
        """A value as Spark binds it: instants without a zone, lists of text."""
        from pyspark.sql import functions  # noqa: PLC0415  an extra

        if isinstance(value, datetime):
            return functions.expr(f"TIMESTAMP_NTZ '{value.isoformat(sep=' ')}'")
        if isinstance(value, date):
            return functions.expr(f"DATE '{value.isoformat()}'")
        if isinstance(value, list):
            return functions.array(*map(functions.lit, value))
        return functions.lit(value)
