"""SQL statements as text: each lies beside the code that runs it, in `sql/` of its package.

Python never puts a statement together from pieces; it reads a file and binds parameters.
"""

import re
from functools import cache
from importlib.resources import files

_PARAMETER = re.compile(r"\$([a-z_]+)")


@cache
def text(package: str, name: str) -> str:
    """The text of `settle_core/<package>/sql/<name>.sql`; FileNotFoundError if there is none."""
    return (files("settle_core") / package / "sql" / f"{name}.sql").read_text("utf-8").rstrip()


def parameters(statement: str) -> frozenset[str]:
    """The names that a statement takes as `$name`."""
    return frozenset(_PARAMETER.findall(statement))


def renamed(statement: str, prefix: str) -> str:
    """A statement whose `$name` stand as `<prefix>name`: as the arguments of a function."""
    return _PARAMETER.sub(prefix + r"\1", statement)


def for_psycopg(statement: str) -> str:
    """A statement whose `$name` are written as psycopg wants them, each per cent sign doubled."""
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))
