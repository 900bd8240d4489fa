"""The variables of the environment by which a command tells the kernel which engine to take."""

from typing import Final

ENGINE: Final = "SETTLE_ENGINE"  # set by `--engine`
MASTER: Final = "SETTLE_SPARK_MASTER"  # and by `--spark-master`
