"""A folder of Parquet files that are one table, also one that is partitioned as Hive does it.

Files are looked for in the folder and in folders called `key=value` within. Nothing is read from
their names: a file says itself what is in it. What else lies there and might hold rows is refused,
rather than left out without a word.
"""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Final

from settle_core.errors import Fault

ENDING: Final = ".parquet"
# Of tables whose files alone do not say which rows count, by the folder that does.
KEEPERS: Final = {
    "_delta_log": "a Delta table",
    ".hoodie": "a Hudi table",
    "metadata": "an Iceberg table",
    "_temporary": "what a job has not finished",
}
METADATA: Final = "*.metadata.json"


def files(folder: Path) -> tuple[Path, ...]:
    """The files of a table, in a fixed order."""
    return tuple(sorted(_within(folder)))


def is_one(folder: Path) -> bool:
    """Whether a folder holds a table."""
    return next(_within(folder), None) is not None


def _within(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.lower().endswith(ENDING) and path.is_file():
            yield path
        elif "=" in path.name and path.is_dir():
            yield from _within(path)


def demand_whole(folder: Path, root: Path) -> None:
    """Raise Fault if a folder holds more than the files of one table.

    Args:
        folder: of the table.
        root: of the export.
    """
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            continue
        where = str(path.relative_to(root))
        keeper = KEEPERS.get(path.name, "")
        if path.name == "metadata" and next(path.glob(METADATA), None) is None:
            keeper = ""
        if keeper:
            raise Fault(
                f"the folder holds {keeper}",
                where=where,
                expected="Parquet files each row of which counts",
                found=path.name,
                todo="export its rows as plain Parquet",
            )
        if "=" in path.name:
            demand_whole(path, root)
        elif next(path.rglob(f"*{ENDING}"), None) is not None:
            raise Fault(
                "a folder within the table holds Parquet that would not be read",
                where=where,
                expected="files beside each other, or in folders called key=value",
                found=path.name,
                todo="move them up, or away",
            )


def keys(paths: Iterable[Path]) -> frozenset[str]:
    """What the folders of a table's files are called by, whatever lies above the table."""
    found = {
        part.partition("=")[0]
        for path in paths
        for part in takewhile(lambda name: "=" in name, reversed(path.parent.parts))
    }
    return frozenset(found)
