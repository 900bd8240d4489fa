"""An Excel workbook, opened; and held open where the same sheets are read many times over.

A first profile tries many readings of one export. Parsing a workbook's XML and laying out its cells
takes nearly all the time of each, and most of them lay out the same.
"""

import zipfile
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar
from warnings import catch_warnings, simplefilter

from settle_core.errors import Fault
from settle_core.exports.files import scan

INSTALL: Final = "pip install 'settle-core[excel]'"
HELD_BYTES_MAX: Final = 200_000_000  # unpacked, of one workbook; a larger one is read each time
WRITTEN_MAX: Final = 8  # ways in which a sheet is laid out
T = TypeVar("T")
BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error),
    *(OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, SyntaxError),
)


class _Held:
    """Workbooks that stay open, by their files as they were, until the end of all readings."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.books: dict[Hashable, _Book] = {}
        self.written: dict[Hashable, tuple[Any, list[bytes]]] = {}


_HELD: ContextVar[_Held | None] = ContextVar("held", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Keep what is read of workbooks within, for whatever reads them again."""
    kept = _Held()
    token = _HELD.set(kept)
    try:
        with kept.stack:
            yield
    finally:
        _HELD.reset(token)


def written_once(path: Path, way: Hashable, write: Callable[[], T], *files: Path) -> T:
    """Write some files out of a workbook, of which a way that was held before is written again.

    Args:
        path: the workbook.
        way: all that the result depends on beside it.
        write: writes the files, and tells something of them.
        files: the files.
    """
    kept = _HELD.get()
    if kept is None or _unpacked(path) > HELD_BYTES_MAX:
        return write()
    key = (_as_it_is(path), way)
    if key in kept.written:
        told, texts = kept.written[key]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text)
        return told  # type: ignore[no-any-return]
    made = write()
    if len(kept.written) == WRITTEN_MAX:
        del kept.written[next(iter(kept.written))]
    kept.written[key] = (made, [file.read_bytes() for file in files])
    return made


@contextmanager
def opened_book(path: Path, *, calculated: bool) -> Iterator[Any]:
    """The workbook; of formulas their values, or themselves."""
    if find_spec("openpyxl") is None:
        raise Fault(
            "a workbook cannot be read",
            where=path.name,
            expected="openpyxl",
            found="that it is not installed",
            todo=INSTALL,
        )
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  an extra

    try:
        kept = _HELD.get()
        if kept is not None and _unpacked(path) <= HELD_BYTES_MAX:
            yield _kept(kept, path, calculated=calculated)
        else:
            with _loaded(path, calculated=calculated) as book:
                yield book
    except (*BROKEN, InvalidFileException) as error:
        raise Fault(
            "file cannot be read as a workbook",
            where=path.name,
            expected="an .xlsx without a password",
            found=str(error).partition("\n")[0],
            todo="save it as .xlsx, or as CSV",
        ) from error


@contextmanager
def _loaded(path: Path, *, calculated: bool) -> Iterator[Any]:
    from openpyxl import load_workbook  # noqa: PLC0415  an extra

    _demand_small(path)
    with catch_warnings():
        simplefilter("ignore")  # it warns of what it does not keep, as drawings
        book = load_workbook(path, read_only=True, data_only=calculated)
        try:
            yield book
        finally:
            book.close()


def _kept(kept: _Held, path: Path, *, calculated: bool) -> "_Book":
    key = (_as_it_is(path), calculated)
    if key not in kept.books:
        loaded = kept.stack.enter_context(_loaded(path, calculated=calculated))
        kept.books[key] = _Book(loaded)
    return kept.books[key]


class _Book:
    """A workbook of which each row is parsed once."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401  of the library's classes
        self.worksheets = [_Rows(sheet) for sheet in book.worksheets]

    def __getitem__(self, title: str) -> "_Rows":
        """The sheet of that name."""
        return next(sheet for sheet in self.worksheets if sheet.title == title)


class _Rows:
    """A sheet, and those of its rows that were read already."""

    def __init__(self, sheet: Any) -> None:  # noqa: ANN401
        self.sheet, self.title = sheet, sheet.title
        self.sheet_state = sheet.sheet_state
        self._worksheet_path = sheet._worksheet_path  # noqa: SLF001  not told otherwise
        self.rows: list[Sequence[Any]] = []
        self.more: Iterator[Sequence[Any]] | None = None

    def reset_dimensions(self) -> None:
        """Read all of it, not only the part that the file says it has."""
        self.sheet.reset_dimensions()

    def iter_rows(self, *, values_only: bool, min_row: int = 1) -> Iterator[Sequence[Any]]:
        """The rows from one on, those first that were read before."""
        at = min_row - 1
        while at < len(self.rows) or self._next(at, values_only=values_only):
            yield self.rows[at]
            at += 1

    def _next(self, at: int, *, values_only: bool) -> bool:
        """Whether there is such a row; a sheet that breaks off is read anew, to break off again."""
        self.more = self.more or self.sheet.iter_rows(values_only=values_only)
        try:
            while at >= len(self.rows):
                row = next(self.more, None)
                if row is None:
                    return False
                self.rows.append(row)
        except BaseException:
            self.rows, self.more = [], None
            raise
        return True


def _as_it_is(path: Path) -> Hashable:
    """A file, and what tells that it was not changed meanwhile."""
    told = path.stat()
    return path.resolve(), told.st_ino, told.st_size, told.st_mtime_ns


def _demand_small(path: Path) -> None:
    packed = path.stat().st_size
    if _unpacked(path) > max(scan.UNPACKED_BYTES_MIN, scan.UNPACKED_TIMES_MAX * packed):
        raise scan.too_packed(path, packed)


def _unpacked(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(each.file_size for each in archive.infolist())
