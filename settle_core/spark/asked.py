"""How a command tells the kernel which engine was asked for: variables of its environment."""

from typing import Final

ENGINE: Final = "SETTLE_ENGINE"  # set by `--engine`
MASTER: Final = "SETTLE_SPARK_MASTER"  # and by `--spark-master`
