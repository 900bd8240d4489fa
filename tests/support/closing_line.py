"""A pytest plugin: nothing follows pytest's closing line."""

import atexit
import os

# At exit DuckDB's binding may list its own types as leaked (with Hypothesis loaded, for one).
atexit.register(os.dup2, os.open(os.devnull, os.O_WRONLY), 2)
