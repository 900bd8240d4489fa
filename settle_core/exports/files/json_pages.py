"""What an answer of a web service says of its pages: rows of others were not exported."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from settle_core.errors import Fault

BETWEEN: Final = re.compile(r"[_\- .@]|odata")
MORE: Final = frozenset({"hasmore", "hasnextpage", "hasnext", "istruncated"})
NEXT: Final = frozenset(
    {"next", "nextpage", "nextpagetoken", "nextlink", "nextcursor", "nexturl", "nexttoken"}
    | {"nextpageurl", "lastevaluatedkey"}
)
TOTAL: Final = frozenset({"totalcount", "totalresults", "totalitems", "totalrecords"})


class Page(NamedTuple):
    """What says that there are more pages, or nothing; how many rows there are in all, or 0."""

    more: str = ""
    total: int = 0


ALONE: Final = Page()


def page(value: object) -> Page:
    """What an object says that holds the rows of a page in a list."""
    more, total = "", 0
    for name, each in _told(value):
        plain = BETWEEN.sub("", name).lower()
        if (plain in MORE and each is True) or (plain in NEXT and each and each is not True):
            more = more or f"{name} is {str(each)[:80] if each is not True else 'true'}"
        elif plain in TOTAL and isinstance(each, str) and each.isdecimal():
            total = max(total, int(each))
    return Page(more, total)


def _told(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            yield from _told(each)


def demand_all(pages: Sequence[Page], rows: int, where: str) -> None:
    """Raise Fault if no page is the last one, or their rows are fewer than there are in all."""
    todo = 'fetch all pages: into one list, or each into a file, with parts = "append"'
    expected = "the rows of all pages"
    if pages and all(page.more for page in pages):
        found = pages[-1].more
        what = "the last page is missing"
        raise Fault(what, where=where, expected=expected, found=found, todo=todo)
    total = max((page.total for page in pages), default=0)
    if total > rows:
        found = f"{rows:,} rows of {total:,}"
        what = "rows of other pages are missing"
        raise Fault(what, where=where, expected=expected, found=found, todo=todo)
