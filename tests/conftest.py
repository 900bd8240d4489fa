"""Fixtures that several files of tests share."""

import pytest
from hypothesis import settings

pytest_plugins = ["postgres", "books"]

# How long an example takes is a matter of what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# They take longest, in this order: one that begins last would leave the other processor idle.
LONGEST = (
    "test_chaos.py",
    "test_round_trip.py",
    "test_notebooks.py",
    "test_lab.py",
    "test_draft.py",
    "test_degraded.py",
    "test_two_paths.py",
    "test_hostile.py",
    "test_comparison.py",
    "test_suspects.py",
    "test_book_stateful.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all others as they were collected."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(LONGEST)))
