"""An export read for an audit whose pass is done on Spark.

The files have to lie where this machine and Spark's workers see them under one path. Here they are
hashed, and what is looked up later is few rows. Where Spark's pass gives nothing, the export is
read here as ever, and the run says so.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from settle_core.errors import Fault
from settle_core.exports.archive import archive, checked
from settle_core.exports.arrays.passed import NotPlainError, Passed
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.checks import agreement
from settle_core.exports.files import source as sources
from settle_core.exports.files.opened import Opened, open_part
from settle_core.exports.files.source import Source
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import ledger, once
from settle_core.exports.reading.ledger import Ledger
from settle_core.spark import environment, session, tables
from settle_core.spark.reduction import Reduction
from settle_core.spark.session import Spark

_LOG: Final = logging.getLogger(__name__)
SPARK: Final = "spark"
OVERFLOW: Final = "OVERFLOW"  # in the names of Spark's errors
ENGINES: Final = ("duckdb", SPARK)


@dataclass(frozen=True)
class EngineUsed:
    """What did the pass.

    Attributes:
        name: as asked for.
        version: of Spark.
        master: of its cluster.
        did: what Spark gave: `pass`, or why it gave nothing.
    """

    name: str
    version: str = ""
    master: str = ""
    did: str = ""

    def as_dict(self) -> dict[str, str]:
        """For the manifest."""
        return {"name": self.name, "version": self.version, "master": self.master, "did": self.did}


@dataclass
class Cluster:
    """Spark, for one audit.

    Attributes:
        spark: the session.
        engine: what did the pass.
    """

    spark: Spark
    engine: EngineUsed

    def read(self, folder: Path, profile: Profile) -> Ledger:
        """Read an export with the pass on Spark, and refuse it if it looks read wrongly.

        Raises:
            Fault: as `checked.read`; or it is a form of export that Spark's pass cannot take.
        """
        demand_readable(folder, profile)
        try:
            found = once.unstored(folder, profile, self._pass)
        except SparkFault:
            raise
        except (NotPlainError, Fault, duckdb.Error) as error:
            # What is a fault indeed is told by the reading that knows all forms.
            return self._read_here(folder, profile, error)
        self.engine = replace(self.engine, did="pass")
        return agreement.checked(found)

    def _read_here(self, folder: Path, profile: Profile, error: Exception) -> Ledger:
        self.spark.forget()
        _LOG.warning("Spark gave no pass, it is done here: %s", error)
        self.engine = replace(self.engine, did=f"none: {session.said(error)}")
        return checked.read(folder, profile, is_all=True)

    def _pass(self, found: Ledger, entries: Opened, settlements: Source) -> Passed:
        profile, con = found.profile, found.con
        currency = ledger.currency(con, profile)
        opened = open_part(con, settlements.parts[0], profile.settlements.csv, found.scratch)
        self.spark.scale = found.scale
        try:
            for table, part in (("entry", entries), ("settlement", opened)):
                laid = tables.laid(part, profile, table, currency)
                tables.type_in(self.spark, laid, tables.offsets(con, laid))
            passed = self._reduced(found, Limits())
        except (Fault, NotPlainError):
            raise
        except Exception as error:
            if OVERFLOW in session.said(error):  # of numbers at the end of 64 bits
                raise NotPlainError(session.said(error)) from error
            raise _failed(error) from error
        if passed.rows != entries.counted:
            raise NotPlainError(f"Spark read {passed.rows:,} of {entries.counted:,} rows")
        return passed

    def _reduced(self, found: Ledger, limits: Limits) -> Passed:
        offset = found.profile.week_offset_days
        passed = Reduction(self.spark, limits, found.scale, offset).run()
        self.spark.forget()
        return passed

    def narrow(self, found: Ledger, limits: Limits) -> None:
        """Do the pass again within limits. Raises Fault where Spark fails."""
        if found.passed is None or self.engine.did != "pass":
            return
        try:
            found.passed = self._reduced(found, limits)
        except NotPlainError as error:  # the steps do it, over the files where they lie
            found.passed = None
            self.engine = replace(self.engine, did=f"none: {error}")
        except Exception as error:
            raise _failed(error) from error


def master_named(log: str = "") -> str | None:
    """The master of the cluster that the environment names; None with the default engine.

    Args:
        log: the logs that the audit is given, if any.

    Raises:
        Fault: there is no such engine, or it is not for that.
    """
    engine, master = os.environ.get(environment.ENGINE, ""), os.environ.get(environment.MASTER, "")
    if engine not in {"", *ENGINES}:
        raise Fault(
            "no such engine", where="--engine", expected=" or ".join(ENGINES), found=repr(engine)
        )
    if engine == SPARK and log:
        todo = "leave --engine out, or --log"
        raise Fault("logs are joined to all rows, here", where="--engine spark", todo=todo)
    if engine != SPARK and master:
        todo = "give --engine spark as well, or leave it out"
        raise Fault("only Spark has a master", where="--spark-master", found=master, todo=todo)
    return master if engine == SPARK else None


@contextmanager
def cluster(log: str = "") -> Iterator[Cluster | None]:
    """The cluster that the environment names; None with the default engine.

    Raises:
        Fault: as `master_named`, or Spark is not there.
    """
    master = master_named(log)
    if master is None:
        yield None
        return
    with session.connected(master) as spark:
        yield Cluster(spark, EngineUsed(SPARK, spark.version, spark.master))


def demand_readable(export_folder: Path, profile: Profile) -> None:
    """Raise Fault for an export that Spark's pass cannot take, whatever is in its rows."""
    if archive.is_archive(export_folder):
        raise Fault(
            "an archive keeps its pass with each week, and needs no Spark",
            where=str(export_folder),
            todo="leave --engine out",
        )
    tables.demand_readable(profile)
    for path, keys in (("entries", profile.entries), ("settlements", profile.settlements)):
        (found,) = sources.locate(export_folder, keys.file, keys.parts, f"{path}.file")
        if not (found.is_dir() or found.name.lower().endswith(".parquet")):
            raise Fault(
                "Spark's pass reads Parquet",
                where=str(found.relative_to(export_folder)),
                expected=f"a file or folder of Parquet for {path}.file",
                found=found.name,
                todo="export it as Parquet, or leave --engine out",
            )


class SparkFault(Fault):
    """Spark failed, not the export."""


def _failed(error: Exception) -> SparkFault:
    return SparkFault(
        "Spark failed in the pass",
        where="--engine spark",
        expected="workers that see the export under the same path as this machine",
        found=session.said(error),
        todo="look at the cluster, or leave --engine out",
    )
