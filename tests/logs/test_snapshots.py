"""Whether a read may have been of a snapshot that its transaction kept."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from settle_core.logs.joined import snapshots
from settle_core.logs.lines.model import Parsed, Place, Statement


@pytest.mark.parametrize("locks", [False, True])
def test_a_read_that_locks_is_of_now_however_many_others_read_before(*, locks: bool) -> None:
    """MariaDB: it sees what is committed, so no line that was lost makes it an older snapshot's."""
    parsed = Parsed("select", "ledgers", locks=locks)
    read = Statement(Place(0, 1, 0, 1), "MariaDB a|7", 0, 1, "", parsed)
    earlier = Statement(Place(0, 0, 0, 1), "MariaDB a|7", 0, 1, "", Parsed("select", "ledgers"))
    view: Any = SimpleNamespace(
        is_numbered=False,
        is_quoted=False,
        depth=2,
        before=lambda _: [],
        writes=defaultdict(list),
        tables={"ledgers"},
    )
    assert snapshots.may_be_cut(view, read) == (not locks)
    view.before = lambda _: [earlier]
    assert snapshots.may_be_kept(view, read) == (not locks)
