"""A DuckDB relation as arrays, batch by batch, without a copy: by Arrow's C stream interface."""

import ctypes
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import duckdb
import nanoarrow
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)
_TYPES: Final = {
    "C": np.uint8,
    "i": np.int32,
    "l": np.int64,
    "L": np.uint64,
    "tdD": np.int32,  # days since 1970
    "tsu:": np.int64,  # microseconds since 1970
}

SIZES_MAX: Final = 24  # of texts, that are copied size by size


class Text(NamedTuple):
    """A column of text: bytes, and where each value begins; the last number is the end."""

    starts: NDArray[np.int32] | NDArray[np.int64]
    bytes: NDArray[np.uint8]


class Batch(NamedTuple):
    """Some rows of a relation, in its order.

    Attributes:
        length: how many.
        numbers: whole numbers by column: DECIMAL in minor units, days and microseconds since 1970.
        texts: text by column.
        missing: which rows have no value, by column, where some have none.
    """

    length: int
    numbers: dict[str, Whole]
    texts: dict[str, Text]
    missing: Mapping[str, NDArray[np.bool_]]

    @property
    def has_nulls(self) -> bool:
        """Whether any value is NULL; then no array is to be relied on."""
        return bool(self.missing)


def batches(relation: duckdb.DuckDBPyRelation) -> Iterator[Batch]:
    """The rows of a relation. The arrays of a batch hold until the next one is asked for.

    The connection must write Arrow of version 1.5, in which a DECIMAL(18) is a whole number.
    """
    stream = nanoarrow.c_array_stream(relation)
    schema = stream.get_schema()
    columns = [(schema.child(k).name, schema.child(k).format) for k in range(schema.n_children)]
    for array in stream:
        numbers: dict[str, Whole] = {}
        texts: dict[str, Text] = {}
        missing: dict[str, NDArray[np.bool_]] = {}
        for k, (name, form) in enumerate(columns):
            child = array.child(k)
            if child.null_count > 0:
                missing[name] = _missing(child)
            if form == "u":
                starts = _view(child, 1, np.dtype(np.int32), child.length + 1, child.offset)
                texts[name] = Text(starts, _view(child, 2, np.dtype(np.uint8), int(starts[-1])))
            else:
                numbers[name] = _view(child, 1, _kind(form), child.length, child.offset)
        yield Batch(array.length, numbers, texts, missing)


def _kind(form: str) -> np.dtype[Any]:
    """What the values of a column are, by Arrow's word for it.

    Raises:
        RuntimeError: a DECIMAL that is no whole number of 64 bits.
    """
    if form.startswith("d:") and not form.endswith(",64"):
        raise RuntimeError(f"a DECIMAL of another size: {form}")
    return np.dtype(np.int64 if form.startswith("d:") else _TYPES[form])


def _missing(child: nanoarrow.c_array) -> NDArray[np.bool_]:
    """Which values of a column are NULL."""
    count = child.offset + child.length
    held = _view(child, 0, np.dtype(np.uint8), -(-count // 8))
    is_there = np.unpackbits(held, count=count, bitorder="little")[child.offset :]
    is_missing: NDArray[np.bool_] = is_there == 0
    return is_missing


def _view(
    child: nanoarrow.c_array, place: int, kind: np.dtype[Number], count: int, skip: int = 0
) -> NDArray[Number]:
    """The values in one buffer of a column, from some value on."""
    size = (count + skip) * kind.itemsize
    if not size:
        return np.empty(0, kind)
    held = (ctypes.c_char * size).from_address(child.buffers[place])
    return np.frombuffer(memoryview(held).cast("B"), kind)[skip:]


def chosen(text: Text, rows: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The lengths and the bytes of some rows' values, copied."""
    starts = text.starts[rows].astype(np.int64)
    lengths = text.starts[rows + 1] - text.starts[rows]
    ends = np.cumsum(lengths, dtype=np.int64)
    held = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    sizes = np.flatnonzero(np.bincount(lengths)) if len(lengths) else np.empty(0, np.intp)
    if len(sizes) > SIZES_MAX:
        places = np.repeat(starts - (ends - lengths), lengths) + np.arange(len(held))
        return lengths.astype(np.int32), text.bytes[places]
    for size in sizes[sizes > 0].tolist():  # values of one length are copied as they are
        of = slice(None) if len(sizes) == 1 else lengths == size
        place = sliding_window_view(held, size, writeable=True)
        place[ends[of] - size] = sliding_window_view(text.bytes, size)[starts[of]]
    return lengths.astype(np.int32), held


def picked(
    lengths: NDArray[np.int32], held: NDArray[np.uint8], rows: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The lengths and the bytes of some of such values as `chosen` gives."""
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return chosen(Text(starts, held), rows)


def same(
    lengths: NDArray[np.int32],
    held: NDArray[np.uint8],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Whether the values of two rows are the same, pair by pair."""
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    is_same: NDArray[np.bool_] = lengths[first] == lengths[second]
    pairs = np.flatnonzero(is_same)
    one, other = first[pairs], second[pairs]
    sizes = lengths[one].astype(np.int64)
    pair = np.repeat(np.arange(len(pairs)), sizes)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    differs = held[starts[one][pair] + within] != held[starts[other][pair] + within]
    is_same[pairs[pair[differs]]] = False
    return is_same


def texts(lengths: NDArray[np.int32], held: NDArray[np.uint8], rows: NDArray[np.intp]) -> list[str]:
    """The values of some rows, of texts that stand one after the other."""
    ends = np.cumsum(lengths, dtype=np.int64)[rows]
    all_bytes = held.tobytes() if len(rows) else b""
    return [
        all_bytes[end - length : end].decode()
        for end, length in zip(ends.tolist(), lengths[rows].tolist(), strict=True)
    ]


class Rows:
    """Texts, by lengths and bytes, and an instant for each, as a table that DuckDB reads."""

    def __init__(
        self, job_id: tuple[NDArray[np.int32], NDArray[np.uint8]], recorded_at: Whole
    ) -> None:
        lengths, held = job_id
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        types = {"job_id": nanoarrow.large_string(), "recorded_at": nanoarrow.timestamp("us")}
        buffers = ([None, starts, held], [None, recorded_at])
        columns = [
            nanoarrow.c_array_from_buffers(kind, len(lengths), each)
            for kind, each in zip(types.values(), buffers, strict=True)
        ]
        self._array = nanoarrow.c_array_from_buffers(
            nanoarrow.struct(types), len(lengths), [None], children=columns
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as Arrow's C stream; a new one each time."""
        return nanoarrow.c_array_stream(self._array).__arrow_c_stream__(requested_schema)
