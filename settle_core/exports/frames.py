"""Rows and arrays as tables that a connection can read."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def frame(
    held: Any,  # noqa: ANN401  what pandas takes
    *,
    columns: list[str] | None = None,
    dtype: str | None = None,
) -> "pd.DataFrame":
    """A data frame. pandas is slow to import, and what only reads a run needs none."""
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame(held, columns=columns, dtype=dtype)
