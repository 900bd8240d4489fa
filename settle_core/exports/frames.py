"""Rows and arrays as tables that a connection can read."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def frame(
    held: Any,  # noqa: ANN401  what pandas takes
    *,
    columns: list[str] | None = None,
    dtype: str | None = None,
) -> "pd.DataFrame":
    """A data frame. pandas is slow to import, and what only reads a run needs none."""
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame(held, columns=columns, dtype=dtype)


def numbered(values: "NDArray[Any]") -> "NDArray[np.intp]":
    """The values as whole numbers from 0 on, equal ones alike; -1 for None."""
    import pandas as pd  # noqa: PLC0415

    return pd.factorize(values)[0]
