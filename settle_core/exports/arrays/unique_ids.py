"""Whether each id of the entries is there once, told by numbers of 64 bits that stand for them.

Of text it is a hash. Sorted, those that more than one row has stand together, and SQL looks whether
the ids are the same: none is taken for unique by chance.
"""

from typing import Any, Final

import duckdb
import numpy as np
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, FunctionExpression
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.passed import NotPlainError
from settle_core.exports.arrays.tables import HASH, Column, Table, registered
from settle_core.exports.files import memory
from settle_core.exports.files.opened import FILE_ROW

HASH_OF: Final = "hash"
# Of hashes that more than one row has; more than so many are no chance.
ALIKE_MAX: Final = 1000
# Fewer rows are grouped as fast.
ROWS_MIN: Final = 100_000
# Bytes for each row, while keys are sorted and compared.
KEY_BYTES: Final = 9
COLUMNS: Final = (
    *("effective_date", "amount", "kind", "recorded_at"),
    *("job_id", "answers", "currency"),
)


def lay(con: duckdb.DuckDBPyConnection) -> bool:
    """Create `told_row`: entries with what stands for their ids. Whether that is a hash.

    Raises:
        NotPlainError: rows have no number.
    """
    stored = con.table("stored_entry")
    types = dict(zip(stored.columns, map(str, stored.types), strict=True))
    entry_id = ColumnExpression("entry_id")
    is_hash = types["entry_id"] != "BIGINT"
    key = FunctionExpression(HASH_OF, entry_id).cast("UBIGINT")
    number = ColumnExpression(FILE_ROW if FILE_ROW in types else "rowid").cast("BIGINT")
    nothing = ConstantExpression(None).cast("VARCHAR")
    try:
        stored.select(
            number.alias("row_number"),
            (CaseExpression(entry_id.isnotnull(), key) if is_hash else entry_id).alias("id_key"),
            entry_id,
            ColumnExpression("account_id"),
            *(ColumnExpression(n) if n in types else nothing.alias(n) for n in COLUMNS),
        ).create_view("told_row", replace=True)
    except duckdb.BinderException as error:
        raise NotPlainError("rows have no number") from error
    return is_hash


def repeated(
    con: duckdb.DuckDBPyConnection, keys: NDArray[Any], others: NDArray[Any], *, is_hash: bool
) -> NDArray[Any]:
    """Keys among which are those of ids that several rows of `told_row` have; none if none has.

    Args:
        con: connection with `told_row`.
        keys: of its rows; they get sorted.
        others: of the rest of its rows, which are few.
        is_hash: whether several ids may have one key.
    """
    keys.sort()
    ordered = np.sort(others)
    of_others = np.searchsorted(keys, ordered)
    is_among = keys.take(of_others, mode="clip") == ordered if len(keys) else of_others < 0
    alike = np.unique(
        np.concatenate(
            [
                keys[1:][keys[1:] == keys[:-1]],
                ordered[1:][ordered[1:] == ordered[:-1]],
                ordered[is_among],
            ]
        )
    )
    if not is_hash or not 0 < len(alike) <= ALIKE_MAX:
        return alike
    with registered(con, passed_key=Table({"id_key": Column(HASH, alike)})):
        ((is_twice,),) = con.execute(sql.text("exports/arrays", "pass_twice")).fetchall()
    return alike if is_twice else alike[:0]


def are_unique(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the stored ids are surely each there once; False where that is for SQL to tell."""
    count = len(con.table("stored_entry"))
    if count < ROWS_MIN:
        return False
    is_room = memory.share(con, count * KEY_BYTES) >= memory.DATABASE_MIN
    is_told = is_room and _are_unique(con, count)
    memory.share(con)  # the keys are no more
    return is_told


def _are_unique(con: duckdb.DuckDBPyConnection, count: int) -> bool:
    try:
        is_hash = lay(con)
        key = ColumnExpression("id_key")
        keys = np.empty(count, np.uint64 if is_hash else np.int64)
        rows = 0
        for batch in arrow.batches(con.table("told_row").select(key).filter(key.isnotnull())):
            keys[rows : rows + batch.length] = batch.numbers["id_key"]
            rows += batch.length
        return not len(repeated(con, keys[:rows], keys[:0], is_hash=is_hash))
    except (duckdb.Error, RuntimeError, MemoryError, NotPlainError):  # nanoarrow raises the second
        return False
    finally:
        con.execute(sql.text("exports/arrays", "pass_drop"))
