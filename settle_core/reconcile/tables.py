"""Arrays as tables that DuckDB reads: without a copy, by Arrow's C stream interface."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

import duckdb
import nanoarrow
import numpy as np
from nanoarrow.c_array import CArray
from numpy.typing import NDArray

WHOLE: Final = "l"
DAY: Final = "tdD"
INSTANT: Final = "tsu:"
NUMBER: Final = "C"
FLAG: Final = "b"
TEXT: Final = "U"
_TYPES: Final = {DAY: np.int32, NUMBER: np.uint8}


def money(scale: int) -> str:
    """The form of amounts in minor units, of so many decimals."""
    return f"d:18,{scale},64"


class Column(NamedTuple):
    """A column: its form, a value for each row; and which rows have one, if not all have."""

    form: str
    values: NDArray[np.generic]
    is_there: NDArray[np.bool_] | None = None


class Texts(NamedTuple):
    """A column of text, by lengths and bytes; one without any is NULL."""

    lengths: NDArray[np.int32]
    bytes: NDArray[np.uint8]


class Table:
    """Columns of one length, as a table."""

    def __init__(self, columns: Mapping[str, Column | Texts]) -> None:
        """Lay them out as Arrow has them; their arrays are held as long as the table is."""
        children = {name: _array(column) for name, column in columns.items()}
        schema = nanoarrow.struct({name: array.schema for name, array in children.items()})
        (length,) = {len(array) for array in children.values()}
        self._array = nanoarrow.c_array_from_buffers(
            schema, length, [None], children=list(children.values())
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as Arrow's C stream; a new one each time."""
        return nanoarrow.c_array_stream(self._array).__arrow_c_stream__(requested_schema)


def _array(column: Column | Texts) -> CArray:
    if isinstance(column, Texts):
        ends = np.cumsum(column.lengths, dtype=np.int64)
        buffers = [_bits(column.lengths > 0), np.concatenate([[0], ends]), column.bytes]
        return nanoarrow.c_array_from_buffers(_schema(TEXT), len(column.lengths), buffers)
    form, values, is_there = column
    held = _bits(values) if form == FLAG else np.ascontiguousarray(values, _TYPES.get(form, "i8"))
    validity = None if is_there is None else _bits(is_there)
    return nanoarrow.c_array_from_buffers(_schema(form), len(values), [validity, held])


def _bits(flags: NDArray[np.generic]) -> NDArray[np.uint8]:
    bits: NDArray[np.uint8] = np.packbits(flags.astype(np.bool_, copy=False), bitorder="little")
    return bits


def _schema(form: str) -> object:
    # nanoarrow has no name for a decimal of 64 bits.
    return nanoarrow.c_schema(nanoarrow.int64()).modify(format=form)


@contextmanager
def registered(con: duckdb.DuckDBPyConnection, **tables: object) -> Iterator[None]:
    """Tables by their names, for a while."""
    for name, table in tables.items():
        con.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            con.unregister(name)
