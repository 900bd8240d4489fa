"""What Spark cannot do is said in one line, before anything is started."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from settle_core.audit import audit
from settle_core.cli.main import settle
from settle_core.errors import Fault
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.profiles.profile import Profile
from settle_core.spark import environment, reading, session, tables

DATA = Path(__file__).parents[2] / "data"
ENTRIES = (
    '[entries]\nfile = "e.parquet"\n{entries}\n[settlements]\nfile = "s.parquet"\n{settlements}'
)


def read_by(entries: str = "", settlements: str = "", rest: str = "") -> Profile:
    told = ENTRIES.format(entries=entries, settlements=settlements) + f"\n{rest}"
    return profiles.parse(told, "ours.toml")


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("entries.amount", {"entries": 'amount = { column = "a", negate = true }'}),
        ("entries.only", {"entries": 'only = { a = ["b"] }'}),
        ("entries.skip", {"entries": 'skip = { a = ["b"] }'}),
        ("entries.parts", {"entries": 'parts = "append"'}),
        ("settlements.skip", {"settlements": 'skip = { a = ["b"] }'}),
        (
            "entries.effective",
            {
                "entries": 'effective = "of_settlement"\ncolumns = { settlement_id = "p" }',
                "settlements": 'columns = { settlement_id = "p" }',
            },
        ),
        ("entries.csv.date_format", {"rest": '[csv]\ndate_format = "instant"'}),
        ("entries.kinds", {"rest": '[entries.kinds]\ncounter_if_filled = "c"'}),
        ("entries.columns.recorded_at", {"rest": '[entries.columns]\nrecorded_at = ["d", "t"]'}),
        ("settlements.amounts", {"settlements": 'amounts = "as_recorded"'}),
        ("settlements.period", {"settlements": 'period = { column = "w", means = "end" }'}),
    ],
)
def test_a_key_that_spark_cannot_follow_is_named(key: str, given: dict[str, str]) -> None:
    with pytest.raises(Fault, match=f"cannot be followed on Spark in profile ours.toml, {key}:"):
        tables.demand_readable(read_by(**given))


def test_an_export_in_csv_is_named() -> None:
    with pytest.raises(Fault, match=r"Spark's pass reads Parquet in entries\.csv"):
        reading.demand_readable(DATA / "sample", profiles.load("canonical"))


def test_an_archive_needs_no_spark(tmp_path: Path) -> None:
    (tmp_path / "archive.json").write_text("{}", "utf-8")
    with pytest.raises(Fault, match="needs no Spark"):
        reading.demand_readable(tmp_path, profiles.load("canonical"))


def asked(engine: str, monkeypatch: pytest.MonkeyPatch, master: str = "", **given: str) -> str:
    monkeypatch.setenv(environment.ENGINE, engine)
    monkeypatch.setenv(environment.MASTER, master)
    with pytest.raises(Fault) as raised:
        audit.run(str(DATA / "sample_parquet"), **given)
    return str(raised.value)


def test_an_engine_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("polars", monkeypatch).startswith("no such engine in")
    assert "only Spark has a master" in asked("duckdb", monkeypatch, "local[2]")


def test_logs_are_not_joined_on_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "logs are joined to all rows" in asked("spark", monkeypatch, log="production.log")


def test_what_is_not_installed_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: None if name == "pyspark" else name)
    said = asked("spark", monkeypatch)
    assert "Spark is not installed here" in said
    assert "found no pyspark" in said
    assert 'pip install "settle-core[spark]"' in said


def test_without_java_there_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    said = asked("spark", monkeypatch)
    assert "there is no Java" in said
    assert str(tmp_path / "none") in said


def test_the_command_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    asked_for = [
        "audit",
        str(DATA / "sample_parquet"),
        "--runs",
        str(tmp_path),
        "--engine",
        "spark",
    ]
    result = CliRunner().invoke(settle, asked_for)
    assert result.exit_code == 2 or isinstance(result.exception, Fault)
    assert not list(tmp_path.iterdir())


def test_without_the_extra_an_audit_is_as_ever() -> None:
    blocked = "import sys; sys.modules.update(dict.fromkeys(['sqlglot', 'pyspark', 'pyarrow']))"
    run = f"{blocked}; from settle_core import audit; print(audit.run({str(DATA / 'sample')!r}))"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("<audit of 'sample'")
