"""The reduction's statements, for Spark: read as DuckDB's and written as Spark's, on their syntax.

The files keep to what means the same in both; a test holds them to that.
"""

from functools import cache
from typing import Final

from settle_core import sql

# Files of the pass, which this reduction shares; all others are its own.
OF_PASS: Final = ("pass_entry", "pass_settlement", "pass_currency", "pass_bounds", "pass_job")


def text(name: str) -> str:
    """A statement of the reduction as DuckDB takes it: of the pass's own, or of the files here."""
    return sql.text("exports/arrays" if name in OF_PASS else "spark", name)


@cache
def for_spark(statement: str, scale: int) -> str:
    """A statement in Spark's SQL; `$name` stands as `:name`, the type of money is spelled out."""
    import sqlglot  # noqa: PLC0415  of the extra
    from sqlglot import exp  # noqa: PLC0415  likewise

    tree = sqlglot.parse_one(statement, read="duckdb")
    for kind in tree.find_all(exp.DataType):
        if kind.this is exp.DataType.Type.USERDEFINED:
            kind.replace(exp.DataType.build(f"DECIMAL(18, {scale:d})"))
    return tree.sql(dialect="spark", comments=False)
