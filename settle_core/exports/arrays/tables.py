"""Arrays and rows as tables that DuckDB reads, by Arrow's C stream interface.

A data frame would do the same, but pandas takes longer to import than a small export to audit.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import duckdb
import nanoarrow
import numpy as np
from nanoarrow.c_array import CArray
from numpy.typing import NDArray

from settle_core.exports.arrays import arrow

WHOLE: Final = "l"
DAY: Final = "tdD"
INSTANT: Final = "tsu:"
NUMBER: Final = "C"
HASH: Final = "L"
FLAG: Final = "b"
TEXT: Final = "U"
_TYPES: Final = {DAY: np.int32, NUMBER: np.uint8, HASH: np.uint64}


def money(scale: int) -> str:
    """The form of amounts in minor units, of so many decimals."""
    return f"d:18,{scale},64"


class Column(NamedTuple):
    """A column: its form, a value for each row; and which rows have one, if not all have."""

    form: str
    values: NDArray[np.generic]
    is_there: NDArray[np.bool_] | None = None


class Texts(NamedTuple):
    """A column of text, by lengths and bytes; and which rows have one, by default those of any."""

    lengths: NDArray[np.int32]
    bytes: NDArray[np.uint8]
    is_there: NDArray[np.bool_] | None = None


def size(column: Column | Texts) -> int:
    """How many rows a column has."""
    return len(column.values if isinstance(column, Column) else column.lengths)


def joined(parts: Sequence[Column | Texts]) -> Column | Texts:
    """Columns of one kind, one after the other; each row has a value."""
    every = np.ones(sum(map(size, parts)), np.bool_)
    texts = [part for part in parts if isinstance(part, Texts)]
    if texts:
        lengths, held = (np.concatenate(each) for each in list(zip(*texts, strict=True))[:2])
        return Texts(lengths, held, every)
    columns = [part for part in parts if isinstance(part, Column)]
    none: list[NDArray[np.generic]] = [np.empty(0, np.int64)]
    values = np.concatenate(none + [part.values for part in columns])
    return Column(columns[0].form if columns else WHOLE, values)


def named(numbers: NDArray[np.int64], names: Column | Texts | None) -> Column | Texts:
    """A column of ids: the numbers, or what they stand for."""
    if names is None:
        return Column(WHOLE, numbers)
    if isinstance(names, Column):
        return Column(names.form, names.values[numbers])
    return Texts(*arrow.picked(names.lengths, names.bytes, numbers))


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


def of_rows(rows: Sequence[Sequence[object]], **forms: str) -> Table:
    """Rows as a table.

    Args:
        rows: each with a value for every column, None where it has none.
        forms: of the columns in that order, by name: WHOLE, FLAG or TEXT.
    """
    columns = list(zip(*rows, strict=True)) or [()] * len(forms)
    told = zip(forms.items(), columns, strict=True)
    return Table({name: _column(form, values) for (name, form), values in told})


def _column(form: str, values: Sequence[object]) -> Column | Texts:
    is_there = np.fromiter((value is not None for value in values), np.bool_, len(values))
    if form == TEXT:
        held = [b"" if value is None else str(value).encode() for value in values]
        lengths = np.fromiter(map(len, held), np.int32, len(held))
        return Texts(lengths, np.frombuffer(b"".join(held), np.uint8), is_there)
    whole = [0 if value is None else value for value in values]
    kind = np.bool_ if form == FLAG else np.int64
    return Column(form, np.array(whole, kind), is_there)


def _array(column: Column | Texts) -> CArray:
    if isinstance(column, Texts):
        ends = np.cumsum(column.lengths, dtype=np.int64)
        there = column.lengths > 0 if column.is_there is None else column.is_there
        buffers = [_bits(there), np.concatenate([[0], ends]), column.bytes]
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
