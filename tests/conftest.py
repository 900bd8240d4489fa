"""Fixtures that several files of tests share."""

from hypothesis import settings

pytest_plugins = ["postgres", "books"]

# How long an example takes is a matter of what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
