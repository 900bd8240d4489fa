"""The reduction's SQL files keep to what means the same in DuckDB and in Spark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from settle_core.spark import portable

FOLDER = Path(portable.__file__).parent / "sql"
# Run on DuckDB alone: it tells which instant a local one is.
OF_DUCKDB = {"zone"}
FILES = [
    *portable.OF_PASS,
    *sorted(p.stem for p in FOLDER.glob("*.sql") if p.stem not in OF_DUCKDB),
]
# sqlglot hands on what it does not know as it stands, so what is known to be the same is listed.
ALLOWED = {
    *(exp.Case, exp.If, exp.Coalesce, exp.Count, exp.Greatest, exp.Lag, exp.Max, exp.Min),
    *(exp.ArrayContains, exp.RowNumber, exp.Sum, exp.Cast, exp.TryCast, exp.DateDiff, exp.Extract),
}
UNITS = {"DAY", "MICROSECOND"}
EXACT = {exp.DataType.Type.BIGINT, exp.DataType.Type.INT, exp.DataType.Type.UTINYINT}


def said(statement: str) -> Iterator[str]:
    """What in a statement does not mean the same in both."""
    tree = sqlglot.parse_one(statement, read="duckdb")
    for node in tree.walk():
        if isinstance(node, exp.Func) and type(node) not in {*ALLOWED, exp.And, exp.Or}:
            yield f"function {node.sql('duckdb')}"
        if isinstance(node, (exp.Div, exp.IntDiv, exp.Star)) and not isinstance(
            node.parent, (exp.Count, exp.Select)
        ):
            yield f"{node.sql('duckdb')}"
        if isinstance(node, (exp.Div, exp.IntDiv, exp.Like, exp.ILike, exp.Collate, exp.DPipe)):
            yield f"operator in {node.sql('duckdb')}"
        if isinstance(node, exp.DateDiff) and str(node.args["unit"]).upper() not in UNITS:
            yield f"unit of {node.sql('duckdb')}"
        if isinstance(node, exp.Ordered) and node.args.get("nulls_first") is not True:
            yield f"order of NULL in {node.sql('duckdb')}"
        if isinstance(node, (exp.Cast, exp.TryCast)):
            yield from _cast(node)
    yield from _untyped(tree)


def _cast(node: exp.Cast) -> Iterator[str]:
    kind = node.to.this
    if kind in {exp.DataType.Type.FLOAT, exp.DataType.Type.DOUBLE, exp.DataType.Type.TIMESTAMPTZ}:
        yield f"type of {node.sql('duckdb')}"
    inner = node.this
    is_product = isinstance(inner, exp.Mul) or (
        isinstance(inner, exp.Cast) and inner.to.this is exp.DataType.Type.DECIMAL
    )
    if kind in EXACT and is_product:
        # Whole already, or it would be rounded by one and cut by the other.
        digits = [str(each) for each in inner.to.expressions] if isinstance(inner, exp.Cast) else []
        if digits[1:] != ["0"]:
            yield f"a decimal as a whole number in {node.sql('duckdb')}"


def _untyped(tree: exp.Expr) -> Iterator[str]:
    """Sums and counts whose type is left to the engine."""
    for node in tree.find_all(exp.Sum, exp.Count, exp.RowNumber):
        above = node.parent
        while above is not None and not isinstance(above, (exp.Cast, exp.Select)):
            above = above.parent
        if not isinstance(above, exp.Cast) and not isinstance(node.parent, exp.Having):
            yield f"type of {node.sql('duckdb')}"


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_reduction_means_the_same_in_both(name: str) -> None:
    statement = portable.text(name)
    known = {"pass_bounds": ["type of COUNT(*)"]}  # a BIGINT in both
    assert list(said(statement)) == known.get(name, [])
    assert len(sqlglot.parse(statement, read="duckdb")) == 1
    written = portable.for_spark(statement, 2)
    assert sqlglot.parse_one(written, read="spark").sql("spark") == written


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT amount / 2 AS half FROM entry",
        "SELECT entry_id // 2 AS half FROM entry",
        "SELECT AVG(amount) AS mean FROM entry",
        "SELECT SUM(amount) AS total FROM entry",
        "SELECT CAST(amount AS BIGINT) AS a FROM (SELECT CAST(CAST(x AS DECIMAL(9, 2)) AS BIGINT))",
        "SELECT DATE_DIFF('hour', a, b) AS hours FROM entry",
        "SELECT LAG(a) OVER (ORDER BY b) AS c FROM entry",
        "SELECT CAST(a AS TIMESTAMP WITH TIME ZONE) AS a FROM entry",
        "SELECT CAST(a AS DOUBLE) AS a FROM entry",
        "SELECT EPOCH_US(a) AS a FROM entry",
        "SELECT DAYOFWEEK(a) AS a FROM entry",
        "SELECT a FROM entry WHERE a LIKE 'x%'",
        "SELECT LEFT(a, -1) AS a FROM entry",
        "SELECT a || b AS a FROM entry",
    ],
)
def test_what_does_not_is_seen(statement: str) -> None:
    assert list(said(statement))
