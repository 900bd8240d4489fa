"""The kernel of a notebook: this Python, nothing of the folder it stands in, and no orphan.

A kernel puts its folder at the head of the path that modules are found on: a `pandas.py` beside an
export would run instead of pandas. Python's safe path (`-P`) leaves that folder out. And whatever
the reader's own settings call `python3`, the kernel is the Python that settle-core is installed in.
"""

import os
import signal
import sys
from typing import Any, Final

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from settle_core import notebook

NAME: Final = "python3"  # as every notebook has it
_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG


class Specs(KernelSpecManager):
    """The kernels that there are, of which `python3` is this one."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel."""
        spec: KernelSpec = super().get_kernel_spec(kernel_name)
        if kernel_name == NAME:
            module = ["-m", "settle_core.kernel", "-f", "{connection_file}"]
            spec.argv = [sys.executable, "-P", *module]
            spec.env = {}
        return spec


class Manager(AsyncKernelManager):
    """Starts the kernel of a notebook that a command runs."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  as the class above has them
        super().__init__(**{"kernel_spec_manager": Specs(), **options})
        _MANAGERS.append(self)


_MANAGERS: Final[list[Manager]] = []


def end() -> None:
    """End the kernels that were started here and are still there.

    papermill ends its kernel itself, but for one that was still starting when a signal came.
    """
    while _MANAGERS:
        process = getattr(_MANAGERS[-1].provisioner, "process", None)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        _MANAGERS.pop()


def main() -> None:
    """Be a kernel, until the process that started it ends, however it does."""
    _end_with_parent()
    with notebook.rarely_collected():
        # Slow to import, and only the kernel itself needs it.
        from ipykernel import kernelapp  # noqa: PLC0415

        kernelapp.launch_new_instance()


def _end_with_parent() -> None:
    """Ask the system to end this process when its parent does, which no `kill -9` gets past.

    ipykernel looks for its parent once a second, where this cannot be asked for.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # noqa: PLC0415

    libc: Any = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DEATH_SIGNAL, signal.SIGKILL)  # no warning is needed: a kernel keeps nothing
    # It may have ended before it was asked for.
    if os.environ.get("JPY_PARENT_PID", str(os.getppid())) != str(os.getppid()):
        os._exit(1)


if __name__ == "__main__":
    main()
